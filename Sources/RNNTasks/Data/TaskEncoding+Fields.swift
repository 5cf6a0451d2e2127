import RNNCore

extension TaggingEncoding {
  var jsonFields: [(name: String, json: String)] {
    normalization.jsonFields + [("words", jsonArray(words.symbols.map(\.json)))]
      + tags.jsonFields("tags", "trainedTags")
      + (intents?.jsonFields("intents", "trainedIntents") ?? [("intents", "[]")])
  }

  init(_ fields: inout EncodingFields) throws(RNNError) {
    normalization = try TextNormalization(&fields)
    words = try fields.symbols("words")
    tags = try ClassNames(&fields, "tags", "trainedTags", fields.symbols("tags", atLeast: 2))
    if let bad = tags.all.first(where: { ChunkTag($0) == nil }) {
      throw fields.failure("tags", "tags O, B-type or I-type", found: bad.quoted)
    }
    let names = try fields.symbols("intents")
    intents =
      names.count == 0
      ? nil : try ClassNames(&fields, "intents", "trainedIntents", names)
  }
}

extension ClassNames {
  fileprivate func jsonFields(_ names: String, _ count: String) -> [(name: String, json: String)] {
    [(names, jsonArray(all.map(\.json))), (count, "\(trainedCount)")]
  }

  /// At least one class is trained, and at least one is not.
  fileprivate init(
    _ fields: inout EncodingFields, _ field: String, _ countField: String,
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
  fileprivate var jsonFields: [(name: String, json: String)] {
    [("lowercase", "\(lowercase)"), ("digits", "\(digits)")]
  }

  fileprivate init(_ fields: inout EncodingFields) throws(RNNError) {
    self.init(lowercase: try fields.bool("lowercase"), digits: try fields.bool("digits"))
  }
}

extension TextEncoding {
  var jsonFields: [(name: String, json: String)] {
    let symbols =
      switch symbols {
      case .characters(let known): known.symbols.map { String($0).json }
      case .words(let known): known.symbols.map(\.json)
      }
    return [("unit", unit.rawValue.json)] + normalization.jsonFields
      + [("symbols", jsonArray(symbols))]
  }

  init(_ fields: inout EncodingFields) throws(RNNError) {
    let units = TextUnit.allCases.map { ($0.rawValue, $0) }
    let unit = try fields.choice("unit", units)
    let normalization = try TextNormalization(&fields)
    switch unit {
    case .word:
      let known = try fields.symbols("symbols")
      guard known.knownID(of: Self.unknownWord) == nil else {
        throw fields.failure("symbols", "known words", found: Self.unknownWord.quoted)
      }
      self.init(symbols: .words(known), normalization: normalization)
    case .character:
      guard !normalization.digits else {
        throw fields.failure("digits", "false for characters", found: "true")
      }
      let characters = try fields.characters("symbols")
      self.init(symbols: .characters(characters), normalization: normalization)
    }
  }
}

extension ClassificationEncoding {
  var jsonFields: [(name: String, json: String)] {
    let inputs: [(name: String, json: String)] =
      switch input {
      case .text(let text): [("input", "text".json)] + text.jsonFields
      case .series(let scale):
        [
          ("input", "series".json), ("mean", jsonArray(scale.mean.map { "\($0)" })),
          ("deviation", jsonArray(scale.deviation.map { "\($0)" })),
        ]
      }
    let cut = mostSteps.map { [("mostSteps", "\($0)")] } ?? []
    return inputs + [("classes", jsonArray(classes.map(\.json)))] + cut
  }

  init(_ fields: inout EncodingFields) throws(RNNError) {
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
  fileprivate init(_ fields: inout EncodingFields) throws(RNNError) {
    let (mean, deviation) = (try fields.numbers("mean"), try fields.numbers("deviation"))
    guard mean.count == deviation.count, deviation.allSatisfy({ $0 > 0 }) else {
      throw fields.failure(
        "deviation", "\(mean.count) numbers above 0", found: "\(deviation.count) numbers")
    }
    self.init(mean: mean, deviation: deviation)
  }
}

extension MusicEncoding {
  var jsonFields: [(name: String, json: String)] {
    [("lowestNote", "\(lowestNote)"), ("noteCount", "\(noteCount)")]
  }

  init(_ fields: inout EncodingFields) throws(RNNError) {
    let lowest = try fields.integer("lowestNote", in: 0...127)
    let count = try fields.integer("noteCount", in: 1...128 - lowest)
    self.init(lowestNote: lowest, noteCount: count)
  }
}
