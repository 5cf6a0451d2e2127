import RNNCore

extension TaggingEncoding {
  var jsonFields: [JSONText.Member] {
    normalization.jsonFields + [.init("words", JSONText(words.symbols))]
      + tags.jsonFields("tags", "trainedTags")
      + (scheme.map { [.init("scheme", .string($0.rawValue))] } ?? [])
      + (intents?.jsonFields("intents", "trainedIntents") ?? [.init("intents", .array([]))])
  }

  init(_ fields: inout JSONFields) throws(RNNError) {
    normalization = try TextNormalization(&fields)
    words = try fields.symbols("words")
    tags = try ClassNames(&fields, "tags", "trainedTags", fields.symbols("tags", atLeast: 2))
    let schemes = TagScheme.allCases.map { ($0.rawValue, $0) }
    scheme = fields.has("scheme") ? try fields.choice("scheme", schemes) : nil
    if scheme != .labels, let bad = tags.all.first(where: { ChunkTag($0) == nil }) {
      throw fields.failure("tags", "tags O, B-type or I-type", found: bad.excerpt)
    }
    let names = try fields.symbols("intents")
    intents =
      names.count == 0
      ? nil : try ClassNames(&fields, "intents", "trainedIntents", names)
  }
}

extension ClassNames {
  fileprivate func jsonFields(_ names: String, _ count: String) -> [JSONText.Member] {
    [.init(names, JSONText(all)), .init(count, JSONText(trainedCount))]
  }

  /// At least one class is trained, and at least one is not.
  fileprivate init(
    _ fields: inout JSONFields, _ field: String, _ countField: String,
    _ names: Vocabulary<String>
  ) throws(RNNError) {
    guard names.count >= 2 else {
      throw fields.failure(field, "at least 2 texts", found: "\(names.count)")
    }
    let trainedCount = try fields.integer(countField, in: 1...names.count - 1)
    self.init(all: names, trainedCount: trainedCount)
  }
}

extension TextNormalization {
  fileprivate var jsonFields: [JSONText.Member] {
    [.init("lowercase", .bool(lowercase)), .init("digits", .bool(digits))]
  }

  fileprivate init(_ fields: inout JSONFields) throws(RNNError) {
    self.init(
      lowercase: try fields.requiredFlag("lowercase"), digits: try fields.requiredFlag("digits"))
  }
}

extension TextEncoding {
  var jsonFields: [JSONText.Member] {
    let symbols =
      switch symbols {
      case .characters(let known): known.symbols.map { String($0) }
      case .words(let known): known.symbols
      }
    // Left out where nothing else is taken for it.
    let isUsual = isUnknownTrained == (unit == .word)
    return [.init("unit", .string(unit.rawValue))] + normalization.jsonFields
      + [.init("symbols", JSONText(symbols))]
      + (isUsual ? [] : [.init("unknownTrained", .bool(isUnknownTrained))])
  }

  init(_ fields: inout JSONFields) throws(RNNError) {
    let units = TextUnit.allCases.map { ($0.rawValue, $0) }
    let unit = try fields.choice("unit", units)
    let normalization = try TextNormalization(&fields)
    let isUnknownTrained =
      fields.has("unknownTrained") ? try fields.requiredFlag("unknownTrained") : nil
    switch unit {
    case .word:
      let known = try fields.symbols("symbols")
      guard known.knownID(of: Self.unknownWord) == nil else {
        throw fields.failure("symbols", "known words", found: Self.unknownWord.excerpt)
      }
      self.init(
        symbols: .words(known), normalization: normalization, isUnknownTrained: isUnknownTrained)
    case .character:
      guard !normalization.digits else {
        throw fields.failure("digits", "false for characters", found: "true")
      }
      let characters = try fields.characters("symbols")
      self.init(
        symbols: .characters(characters), normalization: normalization,
        isUnknownTrained: isUnknownTrained)
    }
  }
}

extension ClassificationEncoding {
  var jsonFields: [JSONText.Member] {
    let inputs: [JSONText.Member] =
      switch input {
      case .text(let text): [.init("input", .string("text"))] + text.jsonFields
      case .series(let scale):
        [
          .init("input", .string("series")), .init("mean", JSONText(scale.mean)),
          .init("deviation", JSONText(scale.deviation)),
        ]
      }
    let cut = mostSteps.map { [JSONText.Member("mostSteps", JSONText($0))] } ?? []
    return inputs + [.init("classes", JSONText(classes))] + cut
  }

  init(_ fields: inout JSONFields) throws(RNNError) {
    if try fields.choice("input", [("text", true), ("series", false)]) {
      input = .text(try TextEncoding(&fields))
    } else {
      input = .series(try Standardization(&fields))
    }
    classes = try fields.symbols("classes", atLeast: 2).symbols
    mostSteps = fields.has("mostSteps") ? try fields.integer("mostSteps", in: 1...1 << 24) : nil
  }
}

extension Standardization {
  fileprivate init(_ fields: inout JSONFields) throws(RNNError) {
    let (mean, deviation) = (try fields.numbers("mean"), try fields.numbers("deviation"))
    guard !mean.isEmpty else { throw fields.failure("mean", "at least 1 number", found: "none") }
    guard mean.count == deviation.count, deviation.allSatisfy({ $0 > 0 && $0.isFinite }),
      mean.allSatisfy(\.isFinite)
    else {
      throw fields.failure(
        "deviation", "\(mean.count) numbers above 0", found: "\(deviation.count) numbers")
    }
    self.init(mean: mean, deviation: deviation)
  }
}

extension MusicEncoding {
  var jsonFields: [JSONText.Member] {
    [
      .init("lowestNote", JSONText(lowestNote)), .init("noteCount", JSONText(noteCount)),
    ]
  }

  init(_ fields: inout JSONFields) throws(RNNError) {
    let lowest = try fields.integer("lowestNote", in: 0...127)
    let count = try fields.integer("noteCount", in: 1...128 - lowest)
    self.init(lowestNote: lowest, noteCount: count)
  }
}
