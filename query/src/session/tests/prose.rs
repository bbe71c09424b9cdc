//! Texts of events: whoever does not see them in clear finds nothing by them.

use super::*;

fn session_for(classes: &str, types: &str, folder: &Path) -> Session {
    let purpose = format!(
        "[[purpose]]\nname = \"信访办理\"\nbasis = \"试验\"\nroles = [\"case_worker\"]\ntypes = {types}\nsources = [\"*\"]\nclasses = {classes}\n"
    );
    let mut files = crate::policy::files();
    files.iter_mut().filter(|file| file.name == "purposes.toml").for_each(|file| file.text.clone_from(&purpose));
    let policies = Arc::new(Policies::parse(&files).unwrap());
    let (principal, purpose) = (Principal::parse("case_worker:li@xf").unwrap(), Purpose::parse("信访办理").unwrap());
    let mut rows = Rows::new();
    for name in ["petition", "incident"] {
        testing::of_type(&mut rows, &format!("record.{name}"), &[&[("department", "xf"), ("summary", "反映停水")]]);
        testing::of_type(&mut rows, &format!("entity.{name}"), &[&[("entity_id", "1"), ("summary", "反映停水")]]);
    }
    let mut catalogue = testing::catalogue(&rows);
    catalogue.departments.insert("xf".to_owned());
    let audit = Arc::new(Audit::open(folder).unwrap());
    Session::open(Arc::new(catalogue), &policies, audit, principal, purpose, Limits::default(), NOW).unwrap()
}

#[tokio::test]
async fn a_text_is_found_by_those_only_who_see_it_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    for (classes, types, incident, petition) in [
        ("[\"*\"]", "[\"*\"]", true, true),
        // What petitions say is special.
        ("[\"public\", \"personal\", \"identifier\"]", "[\"*\"]", true, false),
        ("[\"public\"]", "[\"*\"]", false, false),
        ("[\"*\"]", "[\"incident\"]", true, false),
    ] {
        let session = session_for(classes, types, folder.path());
        for (name, expected) in [("incident", incident), ("petition", petition)] {
            let findable = session.findable(name, NOW).await.unwrap();
            assert_eq!(findable.by("summary", "xf"), expected, "{name} {classes} {types}");
        }
    }
}
