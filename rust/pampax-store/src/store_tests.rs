use pampax_base::{ByteSpan, Language, LineSpan};

use super::*;
use crate::facts::FactsBuilder;
use crate::records::NewEntry;
use crate::view::{Seen, View};

fn add_segment(writer: &mut Writer, path: &str) -> u64 {
    let id = writer.begin_segment().unwrap();
    let mut facts = FactsBuilder::new();
    facts.begin(&NewEntry {
        path,
        blob: [id as u8; 16],
        language: Language::from_path(path),
        flags: 0,
        bytes: 3,
        lines: 1,
    });
    facts.chunk(LineSpan::new(1, 1), ByteSpan::new(0, 3), None, false);
    facts.finish(&writer.store().segment_folder(id).join("facts"), |_| [1, 0, 0, 0, 0, 0]).unwrap();
    writer.seal_segment(id).unwrap();
    id
}

fn view_of(segments: &[u64]) -> ViewBuilder {
    let mut view = ViewBuilder::default();
    for &id in segments {
        let segment = view.segment(id);
        view.seen.push(Seen { segment, entry: 0, bytes: 3, modified_ns: 1, changed_ns: 2, racy: 0 });
    }
    view.normalise();
    view
}

fn commit(writer: &mut Writer, segments: &[u64]) -> Generation {
    writer
        .commit(Change {
            view_id: "v",
            root: "/root",
            view: &view_of(segments),
            graph: None,
            graph_behind: 0,
            counts: true,
        })
        .unwrap()
}

fn new_store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("store"));
    (folder, store)
}

#[test]
fn a_commit_is_read_back_and_known_entries_are_found() {
    let (_folder, store) = new_store();
    let mut writer = store.writer().unwrap();
    let id = add_segment(&mut writer, "a.py");
    let generation = commit(&mut writer, &[id]);
    assert_eq!(generation.number, 1);
    drop(writer);
    assert_eq!(store.generation().unwrap().unwrap(), generation);
    let view = View::open(&store.path(&generation.views[0].file)).unwrap();
    assert_eq!(view.segments(), [id]);
    let writer = store.writer().unwrap();
    assert!(writer.damage().is_empty());
    assert_eq!(writer.find("a.py", &[id as u8; 16]), Some(EntryAddress { segment: id, entry: 0 }));
    assert_eq!(writer.find("b.py", &[id as u8; 16]), None);
}

#[test]
fn sealed_segments_of_a_killed_writer_are_adopted_and_the_rest_is_swept() {
    let (_folder, store) = new_store();
    let mut writer = store.writer().unwrap();
    let sealed = add_segment(&mut writer, "a.py");
    let half = writer.begin_segment().unwrap();
    std::fs::write(store.segment_folder(half).join("facts"), b"half").unwrap();
    drop(writer);
    assert!(store.generation().unwrap().is_none());
    let writer = store.writer().unwrap();
    assert!(writer.damage().is_empty());
    assert_eq!(writer.find("a.py", &[sealed as u8; 16]), Some(EntryAddress { segment: sealed, entry: 0 }));
    assert!(!store.segment_folder(half).exists());
}

#[test]
fn a_flipped_byte_anywhere_is_found_and_only_that_part_is_lost() {
    let (_folder, store) = new_store();
    let mut writer = store.writer().unwrap();
    let ids = [add_segment(&mut writer, "a.py"), add_segment(&mut writer, "b.py")];
    let generation = commit(&mut writer, &ids);
    drop(writer);
    let mut files: Vec<PathBuf> =
        generation.segments.iter().flat_map(|segment| &segment.files).map(|file| store.path(file)).collect();
    files.push(store.path(&generation.views[0].file));
    files.push(store.folder().join(FILE_NAME));
    files.push(store.folder().join(Catalogue::FILE_NAME));
    for path in files {
        let clean = std::fs::read(&path).unwrap();
        for at in (0..clean.len()).step_by(clean.len() / 7 + 1) {
            let mut bytes = clean.clone();
            bytes[at] ^= 0x10;
            std::fs::write(&path, &bytes).unwrap();
            let found = match store.generation() {
                Ok(Some(generation)) => store.verify(&generation, None, false).unwrap(),
                Ok(None) => panic!("the generation vanished"),
                Err(error) => {
                    assert!(matches!(error, Error::Corrupt { .. } | Error::NewerFormat { .. }), "{error}");
                    vec![Damage::Generation]
                }
            };
            if path.ends_with(Catalogue::FILE_NAME) {
                assert!(found.is_empty(), "readers do not use the catalogue");
            } else {
                assert_eq!(found.len(), 1, "{} at {at}", path.display());
            }
            std::fs::write(&path, &clean).unwrap();
            assert!(store.verify(&generation, None, false).unwrap().is_empty());
        }
    }
}

#[test]
fn the_writer_leaves_damaged_parts_out_and_says_so() {
    let (_folder, store) = new_store();
    let mut writer = store.writer().unwrap();
    let ids = [add_segment(&mut writer, "a.py"), add_segment(&mut writer, "b.py")];
    let generation = commit(&mut writer, &ids);
    drop(writer);
    let path = store.path(&generation.segments[0].files[0]);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    std::fs::write(store.folder().join(Catalogue::FILE_NAME), b"nonsense").unwrap();
    let writer = store.writer().unwrap();
    assert_eq!(writer.damage(), [Damage::Segment(ids[0]), Damage::Catalogue]);
    assert_eq!(writer.find("a.py", &[ids[0] as u8; 16]), None);
    assert!(writer.find("b.py", &[ids[1] as u8; 16]).is_some());
}

#[test]
fn a_newer_format_is_refused_before_anything_is_touched() {
    let (_folder, store) = new_store();
    drop(store.writer().unwrap());
    std::fs::write(store.folder().join("format"), "pampax store 7\n").unwrap();
    assert!(matches!(store.generation(), Err(Error::NewerFormat { found: 7, .. })));
    assert!(matches!(store.writer(), Err(Error::NewerFormat { found: 7, .. })));
    assert_eq!(std::fs::read_to_string(store.folder().join("format")).unwrap(), "pampax store 7\n");
}
