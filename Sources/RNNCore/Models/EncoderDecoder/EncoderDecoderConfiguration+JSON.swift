extension EncoderDecoder: SavableModel {}

extension EncoderDecoderConfiguration: ModelArchitecture {
  public static var kind: String { "encoder-decoder" }
  public static var title: String { "an encoder-decoder" }

  public func layout() throws(RNNError) -> ParameterLayout {
    try validate()
    var layout = ParameterLayout()
    _ = try EncoderDecoderLayers(self, declaringIn: &layout)
    return layout
  }

  public var fields: [JSONText.Member] {
    var members =
      source.jsonMembers + [
        .init("targetVocabulary", JSONText(targetVocabulary)),
        .init("targetEmbedding", JSONText(targetEmbedding)),
        .init("cell", .string(cell.description)), .init("layers", JSONText(layers)),
        .init("hiddenSize", JSONText(hiddenSize)),
        .init("directions", .string(directions.rawValue)),
        .init("attention", .string(attention?.rawValue ?? Self.noAttention)),
        .init("reversesSource", .bool(reversesSource)), .init("dropout", JSONText(dropout)),
        .init("start", JSONText(Int(start))), .init("end", JSONText(Int(end))),
      ]
    // Models that were saved before there was a choice have neither.
    if feeding != .none { members.append(.init("feeding", .string(feeding.rawValue))) }
    if sampling != .never { members.append(.init("sampling", .string(sampling.description))) }
    return members
  }

  public init(_ fields: inout JSONFields) throws(RNNError) {
    let scores: [(String, AttentionScore?)] = AttentionScore.allCases.map { ($0.rawValue, $0) }
    self.init(
      source: try ModelConfiguration.Input(&fields),
      targetVocabulary: try fields.size("targetVocabulary"),
      targetEmbedding: try fields.size("targetEmbedding"),
      cell: try CellKind(try fields.text("cell")), layers: try fields.size("layers"),
      hiddenSize: try fields.size("hiddenSize"),
      directions: try fields.choice("directions", Directions.allCases.map { ($0.rawValue, $0) }),
      attention: try fields.choice("attention", scores + [(Self.noAttention, nil)]),
      reversesSource: try fields.requiredFlag("reversesSource"),
      dropout: try fields.number("dropout"), start: try Self.token("start", &fields),
      end: try Self.token("end", &fields))
    if fields.has("feeding") {
      let choices = AttentionFeeding.allCases.filter { $0 != .none }
      feeding = try fields.choice("feeding", choices.map { ($0.rawValue, $0) })
    }
    if fields.has("sampling") { sampling = try SamplingSchedule(try fields.text("sampling")) }
    try fields.finish()
    try validate()
  }

  private static let noAttention = "none"

  private static func token(
    _ name: String, _ fields: inout JSONFields
  ) throws(RNNError) -> Int32 {
    Int32(try fields.integer(name, in: 0...ModelSize.largest))
  }
}
