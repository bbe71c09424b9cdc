//! The file of the graph, and the one of what changed that may lie over it: written beside the tables of the epoch that will name the upper one, and
//! looked at again. What stands in them is the graph's.

use super::Build;
use crate::{Error, hub::Hub};
use arrow_array::RecordBatch;
use std::{
    fs::File,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};
use wuwei_graph::csr::{Built, Graph, Options, build, lies_over, overlay};
use wuwei_lake::Epoch;

/// One edge in so many may have come or gone since the file was made. Of more the file of changes would be a fifth of the graph's, and be read for
/// each walk beside it.
const SHARE: u32 = 8;

/// Where graphs are in the folder of a hub.
pub(super) fn folder(root: &Path) -> PathBuf {
    root.join("graph")
}

/// The name of a graph made for that epoch.
fn whole(epoch: u64) -> String {
    format!("{epoch:08}.csr")
}

/// The graph of an epoch, if one was built: mapped, not read. Lengths, headers and names are checked.
///
/// # Errors
/// A file is not there, or is not one.
pub(crate) fn open(root: &Path, epoch: &Epoch) -> Result<Option<Graph>, Error> {
    let folder = folder(root);
    let open = |name: &String| {
        let file = wuwei_search::mapped(&folder.join(name))?;
        match lies_over(&file)? {
            None => Ok(Graph::open(file)?),
            Some(below) => Ok(Graph::open(wuwei_search::mapped(&folder.join(whole(below)))?)?.with(file)?),
        }
    };
    epoch.graph.as_ref().map(open).transpose()
}

/// The files of these graphs: each, and what it lies over.
pub(super) fn files(root: &Path, names: [Option<String>; 2]) -> Vec<Option<String>> {
    let folder = folder(root);
    let below = |name: &String| lies_over(&wuwei_search::mapped(&folder.join(name)).ok()?).ok()?.map(whole);
    let below = names.each_ref().map(|name| name.as_ref().and_then(below));
    names.into_iter().chain(below).collect()
}

/// Writes the graph of these edges for the epoch after that one to a file that no epoch names yet, and brings it to disk; says its name. Where few
/// edges came and went, and not all is to be made anew, it is a file of what changed; where none did, nothing is written. A file that a crash left
/// there is nobody's.
///
/// # Errors
/// It cannot be written, or has no room for so many.
pub(super) fn write(hub: &Hub, before: &Epoch, edge: &RecordBatch, wanted: Build) -> Result<(String, Built), Error> {
    let (folder, options) = (folder(&hub.root), Options::new(before.number + 1));
    std::fs::create_dir_all(&folder).map_err(Error::file("creating", &folder))?;
    let read = |_: &[&str]| Ok::<_, Error>(std::iter::once(Ok(edge.clone())));
    // What cannot be opened is not built upon.
    let below = open(&hub.root, before).ok().flatten().filter(|_| wanted == Build::Changes).map(|graph| graph.below());
    if let Some(below) = below {
        let name = format!("{:08}.changes", options.build);
        let most = below.edges() / SHARE;
        match put(&folder.join(&name), |write| overlay(&below, read, most, &options, write)) {
            Ok(Some(built)) if built.bytes == 0 => {
                // If it stays, the next link removes it.
                drop(std::fs::remove_file(folder.join(&name)));
                return Ok((whole(below.build()), built));
            }
            Ok(Some(built)) => return forced(hub, name, built),
            // What is damaged is not built upon either.
            Ok(None) | Err(Error::Graph(wuwei_graph::Error::Damaged { .. })) => drop(std::fs::remove_file(folder.join(&name))),
            Err(error) => return Err(error),
        }
    }
    let name = whole(options.build);
    let built = put(&folder.join(&name), |write| build(read, &options, write))?;
    forced(hub, name, built)
}

/// Brings the name of a file to disk.
fn forced(hub: &Hub, name: String, built: Built) -> Result<(String, Built), Error> {
    for folder in [&folder(&hub.root), &hub.root] {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::file("forcing to disk", folder))?;
    }
    Ok((name, built))
}

/// Writes a file and brings it to disk.
fn put<T>(path: &Path, make: impl FnOnce(&mut dyn FnMut(u64, &[u8]) -> Result<(), Error>) -> Result<T, Error>) -> Result<T, Error> {
    let file = File::create(path).map_err(Error::file("writing", path))?;
    let mut write = |position: u64, bytes: &[u8]| file.write_all_at(bytes, position).map_err(Error::file("writing", path));
    let made = make(&mut write).and_then(|made| file.sync_all().map_err(Error::file("forcing to disk", path)).map(|()| made));
    made.inspect_err(|_| {
        // It may be what fills the disk.
        drop(std::fs::remove_file(path));
    })
}

/// Opens the graph of the pinned epoch and reads all of it; none where none was built yet.
///
/// # Errors
/// A file is not there, or not as it was written.
pub(crate) fn verify(hub: &Hub) -> Result<Option<Graph>, Error> {
    let graph = hub.graph()?;
    graph.iter().try_for_each(Graph::verify)?;
    Ok(graph)
}
