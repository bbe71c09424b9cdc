//! Watches departments/ and lists its files for `include_str!`, so that a new file is a new department with no Rust edited.
use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("departments");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names: Vec<String> =
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<Result<_, std::io::Error>>()?;
    names.retain(|name| name.ends_with(".toml"));
    names.sort();
    let mut out = String::from("const DEPARTMENTS: &[(&str, &str)] = &[\n");
    for name in names {
        let path = folder.join(&name);
        writeln!(out, "    ({name:?}, include_str!({path:?})),")?;
    }
    writeln!(out, "];")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("embedded.rs"), out)?;
    Ok(())
}
