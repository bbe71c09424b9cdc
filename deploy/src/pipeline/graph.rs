//! The file of the graph: written beside the tables of the epoch that will name it, and looked at again. What stands in it is the graph's.

use crate::{Error, hub::Hub};
use arrow_array::RecordBatch;
use std::{
    fs::File,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};
use wuwei_graph::csr::{Built, Graph, Options, build};
use wuwei_lake::Epoch;

/// Where graphs are in the folder of a hub.
pub(super) fn folder(root: &Path) -> PathBuf {
    root.join("graph")
}

/// The graph of an epoch, if one was built: mapped, not read. Its length, header and names are checked.
///
/// # Errors
/// The file is not there, or is not one.
pub(crate) fn open(root: &Path, epoch: &Epoch) -> Result<Option<Graph>, Error> {
    let open = |name: &String| Ok(Graph::open(wuwei_search::mapped(&folder(root).join(name))?)?);
    epoch.graph.as_ref().map(open).transpose()
}

/// Writes the graph of these edges to a file that no epoch names yet, and brings it to disk; says its name. A file that a crash left there is
/// nobody's.
///
/// # Errors
/// It cannot be written, or has no room for so many.
pub(super) fn write(hub: &Hub, epoch: u64, edge: &RecordBatch) -> Result<(String, Built), Error> {
    let (folder, name) = (folder(&hub.root), format!("{epoch:08}.csr"));
    let path = folder.join(&name);
    let built = write_to(&path, epoch, edge).inspect_err(|_| {
        // It may be what fills the disk.
        drop(std::fs::remove_file(&path));
    })?;
    for folder in [&folder, &hub.root] {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::file("forcing to disk", folder))?;
    }
    Ok((name, built))
}

fn write_to(path: &Path, epoch: u64, edge: &RecordBatch) -> Result<Built, Error> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).map_err(Error::file("creating", folder))?;
    let file = File::create(path).map_err(Error::file("writing", path))?;
    let read = |_: &[&str]| Ok::<_, Error>(std::iter::once(Ok(edge.clone())));
    let put = |position: u64, bytes: &[u8]| file.write_all_at(bytes, position).map_err(Error::file("writing", path));
    let built = build(read, &Options::new(epoch), put)?;
    file.sync_all().map_err(Error::file("forcing to disk", path))?;
    Ok(built)
}

/// Opens the graph of the pinned epoch and reads all of it; none where none was built yet.
///
/// # Errors
/// The file is not there, or not as it was written.
pub(crate) fn verify(hub: &Hub) -> Result<Option<Graph>, Error> {
    let graph = hub.graph()?;
    graph.iter().try_for_each(Graph::verify)?;
    Ok(graph)
}
