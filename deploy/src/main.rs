//! The program: parse the command, run it, say what went wrong. Nothing else belongs here.

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(sentence) = wuwei::processor::lacking() {
        wuwei::output::note(sentence);
        return ExitCode::FAILURE;
    }
    // A panic's text may hold a value of a person; where it happened says enough.
    std::panic::set_hook(Box::new(|panic| wuwei::output::note(&wuwei::output::broken(panic.location()))));
    let arguments = wuwei::cli::Arguments::parse();
    match arguments.verb {
        wuwei::cli::Verb::Worker => return wuwei::worker::run(),
        wuwei::cli::Verb::Answerer => return wuwei::asked::run(),
        _ => {}
    }
    let ended =
        tokio::runtime::Runtime::new().map_err(wuwei::Error::from).and_then(|runtime| runtime.block_on(wuwei::command::run(&arguments)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            wuwei::output::complain(&error);
            ExitCode::FAILURE
        }
    }
}
