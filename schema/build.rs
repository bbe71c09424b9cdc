//! Watches model/, codes/ and calendar/ and lists their files for `include_str!`, so that a new file is a new type with no Rust edited.
use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let root = env::var("CARGO_MANIFEST_DIR")?;
    for (folder, into) in [("model", "model.rs"), ("codes", "codes.rs"), ("calendar", "calendar.rs")] {
        let mut out = String::new();
        let folder_path = Path::new(&root).join(folder);
        println!("cargo::rerun-if-changed={}", folder_path.display());
        let mut names: Vec<String> = fs::read_dir(&folder_path)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_, std::io::Error>>()?;
        names.retain(|name| name.ends_with(".toml") || name.ends_with(".csv"));
        names.sort();
        writeln!(out, "pub(crate) const {}: &[(&str, &str)] = &[", folder.to_uppercase())?;
        for name in names {
            let path = folder_path.join(&name);
            writeln!(out, "    ({name:?}, include_str!({path:?})),")?;
        }
        writeln!(out, "];")?;
        fs::write(Path::new(&env::var("OUT_DIR")?).join(into), out)?;
    }
    Ok(())
}
