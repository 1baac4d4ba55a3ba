// The pages that stand alone, of `tiqu show --html` and `tiqu report --html`, over the golden articles.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, looked, root, tiqu } from "./browser.mjs";

const golden = join(root, "corpus/golden");
// Several currencies, wide digits, long names, ranges.
const MANY = ["hk-finance", "chip-earnings", "film-boxoffice", "ai-funding"];
let browser, folder;

before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "tiqu-"));
  const run = (...list) => execFileSync(tiqu, list, { cwd: folder, stdio: "ignore" });
  for (const name of MANY) run("show", join(golden, `${name}.txt`), "--html", `${name}.html`);
  run("extract", golden, "-o", "r.jsonl");
  run("extract", ...MANY.slice(0, 2).map((name) => join(golden, `${name}.txt`)), "-o", "two.html");
  run("report", "r.jsonl", "--html", "report.html");
  writeFileSync(join(folder, "none.txt"), "无事。\n");
  writeFileSync(join(folder, "none.jsonl"), "");
  run("show", "none.txt", "--html", "none.html");
  run("report", "none.jsonl", "--html", "report-none.html");
});
after(async () => { await browser.close(); rmSync(folder, { recursive: true }); });

for (const scheme of ["light", "dark"]) {
  for (const width of [1280, 380]) {
    test(`pages are for everyone: ${scheme}, ${width} wide`, async () => {
      const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: scheme });
      const problems = [];
      page.on("console", (message) => { if (message.type() === "error") problems.push(message.text()); });
      for (const name of readdirSync(folder).filter((name) => name.endsWith(".html")).sort()) {
        await page.goto(`file://${join(folder, name)}`);
        await looked(page, `${scheme}-${width}-${name.replace(".html", "")}`, { fullPage: true });
        const broken = await page.evaluate(() => [...document.querySelectorAll("a")].map((a) => a.getAttribute("href")).filter((href) => !document.getElementById(href.slice(1))));
        assert.deepEqual(broken, [], `${name}: links that lead nowhere`);
        const cut = await page.evaluate(() => [...document.querySelectorAll("svg:not(.matrix) text")].filter((text) => text.getBoundingClientRect().right > text.ownerSVGElement.getBoundingClientRect().right + 1).map((text) => text.textContent));
        assert.deepEqual(cut, [], `${name}: labels that are cut off`);
      }
      assert.deepEqual(problems, []);
      await page.close();
    });
  }
}
