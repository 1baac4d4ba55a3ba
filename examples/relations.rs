//! Scores the relation stage alone, on annotated mentions: `relations FOLDER… [--show KIND…]`; with `--lines`, prints
//! what is found in every annotated line of standard input.

use tiqu::gold::articles;
use tiqu::score::score;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let show = arguments.iter().position(|argument| argument == "--show").map(|at| {
        let mut tail = arguments.split_off(at);
        tail.remove(0);
        tail
    });
    // With `--found` the mentions are those that the stages before find, not those annotated.
    let found = arguments.iter().position(|argument| argument == "--found").map(|at| arguments.remove(at)).is_some();
    let tiqu = tiqu::Tiqu::new()?;
    if arguments.first().is_some_and(|argument| argument == "--lines") {
        for line in std::io::stdin().lines() {
            let line = line?.replace("\\n", "\n");
            let article = tiqu::gold::Article::parse(String::new(), &line).map_err(|(_, reason)| reason)?;
            let found: Vec<String> = article.relate(&tiqu).relations.iter().map(tiqu::score::written).collect();
            println!("{line}\n    {}", found.join("\n    "));
        }
        return Ok(());
    }
    for path in &arguments {
        let articles = articles(path)?;
        let records: std::collections::BTreeMap<&str, tiqu::Record> = articles
            .iter()
            .map(|article| (&*article.id, if found { tiqu.extract(&article.text) } else { article.relate(&tiqu) }))
            .collect();
        let score = score(&articles, |id| records.get(id), &[]);
        println!("{path}");
        for (name, tally) in &score.rows {
            let row = tally.row();
            if tally.gold + tally.found > 0 {
                println!(
                    "  {name:8} gold {:4} pred {:4}  P {:.3} R {:.3} F1 {:.3}",
                    row.gold, row.pred, row.p, row.r, row.f1
                );
            }
        }
        let wanted =
            |kind: &str| show.as_ref().is_some_and(|kinds| kinds.is_empty() || kinds.iter().any(|k| k == kind));
        for miss in score.misses.iter().filter(|miss| wanted(&miss.kind)) {
            println!("{} {:8} {:8} {}", miss.id, miss.kind, miss.problem, miss.context);
        }
    }
    Ok(())
}
