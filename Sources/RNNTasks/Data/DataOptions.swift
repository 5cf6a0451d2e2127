import FoundationEssentials
import RNNCore

/// How the data of a ``DataTask`` are read; each kind uses what it is named in.
public struct DataOptions: Codable, Hashable, Sendable {
  /// Of the split of data that have no parts (classify, autoencode, vqa), and of generated pairs
  /// (transduce).
  public var seed: UInt64 = 1
  /// How random numbers come from ``seed``; nil in models saved before there was a choice, which
  /// mean ``SeedDerivation/byNumber``.
  public var derivation: SeedDerivation? = .byName

  /// The column of the words in CoNLL files, from 1; negative ones count from the last (tag).
  ///
  /// With the first column for words and the last for tags, CoNLL-U has words in `form` and tags in
  /// `upos`. A file in which a column is asked for by name is read as CoNLL-U.
  public var tokenColumn: DataColumn = 1
  /// The column of the tags (tag).
  public var tagColumn: DataColumn = -1
  /// Whether lines with # before the first word of a sentence are no data in CoNLL files, as they
  /// never are in CoNLL-U (tag).
  public var skipsComments = false
  /// How tags are written; nil for what the training data tell (tag).
  public var scheme: TagScheme?
  /// The probability that training shows a word as unknown (not lm or music).
  public var wordDropout: Float = 0

  /// Whether the first line of files that are tables of labels is passed over: of labelled texts
  /// (classify, autoencode) and of columns (tag).
  public var skipsHeader: Bool {
    get { skipsFirstLine ?? false }
    set { skipsFirstLine = newValue ? true : nil }
  }
  /// Nil in models saved before there was a choice.
  private var skipsFirstLine: Bool?

  /// What a token is: characters (lm) or words (classify) when nil.
  public var unit: TextUnit?
  /// The steps of a training batch (lm).
  public var steps = 50

  /// The share of each class, or of the images, that is set aside where there is no validation
  /// part; with 0 the training examples are also the validation (classify, autoencode, vqa).
  public var validationShare = 0.15
  /// The share of each class that is set aside where there is no test part (classify, autoencode).
  public var testShare = 0.1
  /// Longer sequences are cut after that many steps (classify).
  public var mostSteps: Int?

  /// Names of source and target with a comma between them; nil for the two that the files have
  /// (translate).
  public var languages: String?
  /// Training texts with more words are left out (translate, autoencode, parse).
  public var mostWords: Int?
  /// What is read of the words (parse).
  public var parserSource = ParserSource.words
  /// Whether words are written with their parts of speech (parse).
  public var writesTags = false
  /// Which problem is generated (transduce).
  public var problem: TransductionKind?
  /// Training pairs that are generated; nil for what suits the problem (transduce).
  public var pairs: Int?
  /// The lengths of generated sources; nil for what suits the problem (transduce).
  public var lengths: ClosedRange<Int>?
  /// Beginnings that the search for a final answer keeps (translate, autoencode, parse, transduce).
  public var beam = 1

  /// Training pieces are cut into stretches of at most that many steps (music).
  public var chunk: Int?

  /// Pixels of a side of the patches that images are cut into (vqa).
  public var patch = 8

  /// How often a word has to be seen in training to be known (not music).
  public var minimumCount = 2
  /// Whether case is ignored; nil for words of classify alone (tag, lm, classify).
  public var lowercase: Bool?
  /// Whether all digits are the same symbol, see ``TextNormalization`` (words of tag, lm,
  /// classify).
  public var digits = false
  /// Whether batches hold sequences of similar lengths (not lm).
  public var groupsByLength = false

  /// Whether tagged sentences came in columns, and not in folders of parallel files; nil where
  /// nobody noted it.
  package var hasColumns: Bool?

  /// The options that every kind of data has when nothing is said.
  public init() {}

  /// Notes in which of their layouts data lie.
  package mutating func noteLayout(of url: URL?, _ kind: TaskName) {
    guard let url, kind == .tag else { return }
    hasColumns = EntryKind(of: url.appendingPathComponent(DataPart.train.rawValue)) != .directory
  }

  /// What decides which examples are set aside.
  var splitGenerator: RandomGenerator {
    (derivation ?? .byNumber).generator(seed: seed, for: .split, numbered: 2)
  }

  func checkMinimumCount() throws(RNNError) {
    guard minimumCount >= 1 else {
      throw RNNError(.range, "minimumCount", expected: "at least 1", found: "\(minimumCount)")
    }
  }

  /// Words are unknown with that probability in training.
  func checkWordDropout() throws(RNNError) {
    guard (0..<1).contains(wordDropout) else {
      throw RNNError(.range, "wordDropout", expected: "within [0, 1)", found: "\(wordDropout)")
    }
  }

  /// Of a length that may be left open.
  func check(_ length: Int?, _ name: String) throws(RNNError) {
    let most = 1 << 24
    if let length, !(1...most).contains(length) {
      throw RNNError(.range, name, expected: "from 1 to \(most) steps", found: "\(length)")
    }
  }
}
