//! Watches indicators/, policies/ and questions/ and lists their files for `include_str!`, so that a new file is a new indicator, role, purpose
//! or question with no Rust edited.
use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let root = env::var("CARGO_MANIFEST_DIR")?;
    for (folder, endings) in [("indicators", &[".sql", ".toml"][..]), ("policies", &[".cedar", ".toml"]), ("questions", &[".sql"])] {
        let path = Path::new(&root).join(folder);
        println!("cargo::rerun-if-changed={}", path.display());
        let mut names: Vec<String> = fs::read_dir(&path)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_, std::io::Error>>()?;
        names.retain(|name| endings.iter().any(|ending| name.ends_with(ending)));
        names.sort();
        let mut out = format!("pub(crate) const {}: &[(&str, &str)] = &[\n", folder.to_uppercase());
        for name in names {
            writeln!(out, "    ({name:?}, include_str!({:?})),", path.join(&name))?;
        }
        out.push_str("];\n");
        fs::write(Path::new(&env::var("OUT_DIR")?).join(format!("{folder}.rs")), out)?;
    }
    Ok(())
}
