//! What the ranker knows of a candidate.

macro_rules! features {
    ($($(#[$meta:meta])* $variant:ident = $name:literal,)+) => {
        /// A feature of a candidate: a piece of a file that may answer the query.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Feature { $($(#[$meta])* $variant,)+ }

        impl Feature {
            /// Every feature, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in the weights file and in explanations.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }

        /// How many features there are.
        pub const FEATURES: usize = [$(Feature::$variant,)+].len();
    };
}

features! {
    /// BM25 of the whole file, as a share of the best file's.
    FileBody = "file_body",
    /// BM25 of the names the file defines, likewise.
    FileNames = "file_names",
    /// BM25 of its signatures, likewise.
    FileSignature = "file_signature",
    /// BM25 of its comments, likewise.
    FileComments = "file_comments",
    /// BM25 of its path, likewise.
    FilePath = "file_path",
    /// BM25 of its stem (name without extension), likewise.
    FileStem = "file_stem",
    /// BM25 of its best chunk, likewise.
    FileBestChunk = "file_best_chunk",
    /// Sum of BM25 of its three best chunks, likewise.
    FileThreeChunks = "file_three_chunks",
    /// Share of the query's idf that the file's text holds.
    FileCoverage = "file_coverage",
    /// Share of the query's idf that the names it defines hold.
    FileNamesCoverage = "file_names_coverage",
    /// Share of the query's idf that its path holds.
    FilePathCoverage = "file_path_coverage",
    /// The query names a symbol that the file defines, as a share of the names in the query.
    FileDefines = "file_defines",
    /// The query names the file's stem.
    FileStemMatch = "file_stem_match",
    /// It is a test.
    FileTest = "file_test",
    /// It is documentation.
    FileDocument = "file_document",
    /// It is an example or a benchmark.
    FileExample = "file_example",
    /// It was copied from another project.
    FileVendored = "file_vendored",
    /// It holds settings or data.
    FileConfiguration = "file_configuration",
    /// It declares what others define.
    FileDeclaration = "file_declaration",
    /// It is an index or package file (`__init__`, `mod`, `index`).
    FileIndex = "file_index",
    /// Depth of its folder, in eights, at most 1.
    FileDepth = "file_depth",
    /// Logarithm of its length in lines, as a share of 10,000 lines'.
    FileLength = "file_length",
    /// Similarity of the file's most similar chunk to the query by their vectors, as a share of the best; 0 without vectors.
    FileVector = "file_vector",
    /// Mean similarity of its three most similar chunks, likewise.
    FileThreeVectors = "file_three_vectors",
    /// Similarity of the chunk, likewise.
    ChunkVector = "chunk_vector",
    /// How like the query the file's path is: the cosine of their vectors; 0 without vectors.
    FilePathLikeness = "file_path_likeness",
    /// How well each word of the query has a counterpart of like meaning in the path; 0 without vectors.
    FilePathLikeWords = "file_path_like_words",
    /// How like the query the name of the chunk's symbol is: the cosine of their vectors; 0 without vectors.
    ChunkNameLikeness = "chunk_name_likeness",
    /// How well each word of the query has a counterpart of like meaning in the name; 0 without vectors.
    ChunkNameLikeWords = "chunk_name_like_words",
    /// How well each word of the name has a counterpart of like meaning in the query; 0 without vectors.
    ChunkNameLikeShare = "chunk_name_like_share",
    /// BM25 of the chunk's text, as a share of the best chunk's.
    ChunkBody = "chunk_body",
    /// BM25 of the names it defines, likewise.
    ChunkNames = "chunk_names",
    /// BM25 of its signature, likewise.
    ChunkSignature = "chunk_signature",
    /// BM25 of its comments, likewise.
    ChunkComments = "chunk_comments",
    /// Share of the query's idf that its text holds.
    ChunkCoverage = "chunk_coverage",
    /// Share of the query's idf that its names hold.
    ChunkNamesCoverage = "chunk_names_coverage",
    /// Share of the query's idf that its signature, with the names around it, holds.
    ChunkSignatureCoverage = "chunk_signature_coverage",
    /// How much of the chunk's name the query holds.
    ChunkNameShare = "chunk_name_share",
    /// The query names the symbol it defines.
    ChunkDefines = "chunk_defines",
    /// The query names the beginning of the symbol it defines.
    ChunkDefinesPrefix = "chunk_defines_prefix",
    /// How well the symbol it defines is the one that the query names: 1 for the same name in the same containers.
    ChunkNamed = "chunk_named",
    /// How well it is the place that the query names: 1 for the line of the very file.
    ChunkAtPlace = "chunk_at_place",
    /// What share of the query stands in it word by word: a message, an option, a key.
    ChunkLiteral = "chunk_literal",
    /// It is a function or method.
    ChunkCallable = "chunk_callable",
    /// It is a type's header.
    ChunkType = "chunk_type",
    /// It is top-level text outside every definition.
    ChunkTopLevel = "chunk_top_level",
    /// It is a later piece of a long definition.
    ChunkContinued = "chunk_continued",
    /// Logarithm of its length in lines, as a share of 1,000 lines'.
    ChunkLength = "chunk_length",
    /// Reciprocal-rank fusion of all sources, as a share of the best.
    Fusion = "fusion",
}

/// The features of one candidate, by number.
pub type Features = [f32; FEATURES];
