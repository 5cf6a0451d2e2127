import RNNCore

/// What tags tell of the scheme that they are written in, sentence by sentence.
struct SchemeEvidence {
  /// Where a tag was first seen, how often, and what it is in a scheme of chunks.
  private struct Entry {
    var count: Int
    let place: String
    let part: ChunkPart?
  }
  private var entries: [ExactText: Entry] = [:]
  /// The different tags in order of first appearance.
  private(set) var tags: [String] = []
  /// Chunks that begin with I-, as they do in IOB1 alone.
  private var insideStarts = 0
  /// Tags B- behind no chunk of their type, as they do not stand in IOB1.
  private var strayBegins = 0
  /// Tags of chunks that stand where BIOES and BILOU allow them, given what is before.
  private var placed = 0

  /// Adds the tags of a sentence.
  ///
  /// - Parameter place: of the tag with that index, for complaints.
  mutating func add(_ tags: [String], place: (Int) -> String) {
    var previous: ChunkPart?
    for (index, tag) in tags.enumerated() {
      let part: ChunkPart?
      if let entry = entry(of: tag) {
        part = entry.part
        entries[ExactText(tag)]?.count += 1
      } else {
        part = ChunkPart(tag)
        entries[ExactText(tag)] = Entry(count: 1, place: place(index), part: part)
        self.tags.append(tag)
      }
      if let part { add(part, after: previous) }
      previous = part
    }
  }

  private func entry(of tag: String) -> Entry? { entries[ExactText(tag)] }

  private mutating func add(_ part: ChunkPart, after previous: ChunkPart?) {
    let follows = previous?.type == part.type
    if part.letter == "I", !follows { insideStarts += 1 }
    if part.letter == "B", !follows { strayBegins += 1 }
    let isOpen = previous?.ends == false
    if part.begins ? !isOpen : isOpen && follows { placed += 1 }
  }

  /// The scheme of the tags.
  ///
  /// Tags of which most are no parts of chunks are labels, and so are those whose letters say
  /// BIOES or BILOU while most of them stand where neither allows it. Letters B and I alone are
  /// IOB1 where chunks begin with I- and never with a B- that a chunk of its type does not precede,
  /// IOB2 otherwise.
  ///
  /// Throws `.format`, with the place, for a tag that does not belong to a scheme that most others
  /// belong to, and for M-type among B-type and E-type (BMES).
  ///
  /// - Parameter standard: what is said of tags that are all `O`.
  func scheme(standard: TagScheme = .iob2) throws(RNNError) -> TagScheme {
    let letters = Set(tags.compactMap { entry(of: $0)?.part?.letter })
    let (chunks, others) = (count { $0 != nil }, count { $0 == nil } - (entry(of: "O")?.count ?? 0))
    if letters.isEmpty { return others > 0 ? .labels : standard }
    try checkMiddles()
    let (isBIOES, isBILOU) = (
      !letters.isDisjoint(with: "ES"), !letters.isDisjoint(with: "LU")
    )
    let hasOutside = entry(of: "O") != nil
    if others >= chunks || (isBIOES && isBILOU && !hasOutside) { return .labels }
    if isBIOES || isBILOU, 2 * placed < chunks { return .labels }
    let scheme: TagScheme =
      isBIOES && (!isBILOU || count("ES") >= count("LU"))
      ? .bioes
      : isBILOU ? .bilou : insideStarts > 0 && strayBegins == 0 ? .iob1 : .iob2
    try check(scheme, others: ", as most are here (other tags are read in the scheme labels)")
    return scheme
  }

  /// Throws `.format`, with the place, for the first tag that does not belong to `scheme`.
  ///
  /// - Parameter others: said after what is expected.
  func check(_ scheme: TagScheme, others: String = "") throws(RNNError) {
    guard let tag = tags.first(where: { !scheme.allows($0) }), let entry = entry(of: tag) else {
      return
    }
    throw RNNError(
      .format, entry.place, expected: scheme.allowed + others, found: tag.excerpt)
  }

  /// Throws for tags of BMES, which would be taken for labels where many chunks are long.
  private func checkMiddles() throws(RNNError) {
    let middle = tags.first { tag in
      guard tag.utf8.count > 2, tag.utf8.starts(with: "M-".utf8) else { return false }
      let type = Substring(tag.utf8.dropFirst(2))
      return entry(of: "B-\(type)") != nil && entry(of: "E-\(type)") != nil
    }
    guard let middle, let entry = entry(of: middle) else { return }
    throw RNNError(
      .format, entry.place, expected: TagScheme.bioes.allowed,
      found: "\(middle.excerpt) of BMES, which is I-type here (the scheme labels reads it as it is)"
    )
  }

  private func count(_ isCounted: (ChunkPart?) -> Bool) -> Int {
    entries.values.reduce(0) { $0 + (isCounted($1.part) ? $1.count : 0) }
  }

  private func count(_ letters: String) -> Int {
    count { $0.map { letters.contains($0.letter) } ?? false }
  }
}
