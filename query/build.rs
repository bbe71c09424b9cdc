//! Watches indicators/ and lists its files for `include_str!`, so that a new file is a new indicator with no Rust edited.
use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("indicators");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names: Vec<String> =
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<Result<_, std::io::Error>>()?;
    names.retain(|name| name.ends_with(".sql"));
    names.sort();
    let mut out = String::from("pub(crate) const INDICATORS: &[(&str, &str)] = &[\n");
    for name in names {
        writeln!(out, "    ({name:?}, include_str!({:?})),", folder.join(&name))?;
    }
    out.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("embedded.rs"), out)?;
    Ok(())
}
