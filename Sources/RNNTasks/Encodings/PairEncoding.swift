import RNNCore

/// The problems of writing one sequence of tokens for another.
public enum PairKind: String, CaseIterable, Sendable {
  case translate, autoencode, parse, transduce
}

/// How sources and targets become token ids and ids targets again.
public struct PairEncoding: Hashable, Sendable {
  public let kind: PairKind
  public let source: TextEncoding
  public let target: TextEncoding
  /// The most tokens of a training target.
  public let longestTarget: Int

  public init(
    kind: PairKind, source: TextEncoding, target: TextEncoding, longestTarget: Int
  ) {
    self.kind = kind
    self.source = source
    self.target = target
    self.longestTarget = longestTarget
  }

  /// What a decoder reads first: the id after those of the symbols and the unknown one.
  public var start: Int32 { Int32(target.sizeWithUnknown) }
  /// What ends a target.
  public var end: Int32 { start + 1 }
  /// The number of target ids, start and end among them.
  public var targetSize: Int { target.sizeWithUnknown + 2 }

  /// Of an answer: more than any training target needed.
  public var mostTokens: Int { longestTarget * 3 / 2 + 5 }

  /// The token of each id, for people.
  public func names(ofSource ids: [Int32]) -> [String] { ids.map { source.decode([$0]) } }

  /// The token of each id, for people.
  public func names(ofTarget ids: [Int32]) -> [String] { ids.map { target.decode([$0]) } }
}

extension PairEncoding {
  var jsonFields: [JSONText.Member] {
    [
      .init("source", .object(source.jsonFields)), .init("target", .object(target.jsonFields)),
      .init("longestTarget", JSONText(longestTarget)),
    ]
  }

  init(_ kind: PairKind, _ fields: inout JSONFields) throws(RNNError) {
    self.init(
      kind: kind, source: try Self.side("source", &fields),
      target: try Self.side("target", &fields),
      longestTarget: try fields.integer("longestTarget", in: 0...1 << 24))
  }

  private static func side(
    _ name: String, _ fields: inout JSONFields
  ) throws(RNNError) -> TextEncoding {
    var side = try fields.object(name)
    let encoding = try TextEncoding(&side)
    try side.finish()
    return encoding
  }
}
