//! The command `tiqu`.

fn main() -> std::process::ExitCode {
    tiqu::cli::run()
}
