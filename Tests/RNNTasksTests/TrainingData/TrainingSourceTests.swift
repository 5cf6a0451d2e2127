import RNNCore
import RNNTasks
import Testing

/// A task of every kind of source.
private enum SourceCase: String, CaseIterable {
  case generated, streams, shuffled, grouped, wordDropout

  func makeTask() throws -> any SequenceTask {
    switch self {
    case .generated:
      return try AddingTask(lengths: 3...7, heldOut: HeldOutSizes(validation: 2, test: 2))
    case .streams: return try TextTask(generating: 900, steps: 7)
    case .shuffled, .grouped, .wordDropout:
      let directory = try tinyTaggingFolder(sentences: 23)
      return try TaggingTask(
        directory: directory.url, minimumCount: 1, wordDropout: self == .wordDropout ? 0.3 : 0,
        groupsByLength: self == .grouped)
    }
  }
}

/// Sentences of one to five words, in the layout of IOB folders.
func tinyTaggingFolder(sentences: Int) throws -> TemporaryDirectory {
  let directory = try TemporaryDirectory()
  for part in ["train", "valid", "test"] {
    let count = part == "train" ? sentences : 5
    let words = (0..<count).map { line in
      (0...line % 5).map { "w\((line * 7 + $0 * 3) % 11)" }.joined(separator: " ")
    }
    let tags = (0..<count).map { line in
      (0...line % 5).map { (line * 7 + $0 * 3) % 11 < 4 ? "B-x" : "O" }.joined(separator: " ")
    }
    try directory.write((words.joined(separator: "\n") + "\n").utf8, to: "\(part)/seq.in")
    try directory.write((tags.joined(separator: "\n") + "\n").utf8, to: "\(part)/seq.out")
  }
  return directory
}

@Suite("Places in training data")
struct TrainingSourceTests {
  @Test(
    "From any place, another source goes on with the same batches", arguments: SourceCase.allCases)
  fileprivate func goesOn(_ test: SourceCase) throws {
    let task = try test.makeTask()
    var whole = task.makeTrainingSource(seed: 5)
    for _ in 0..<30 {
      // Another seed: everything has to come from the position.
      var second = task.makeTrainingSource(seed: 6)
      let text = whole.position.json
      try second.seek(SourcePosition(json: text, name: "position"), batch: 4)
      #expect(second.position == whole.position)
      var copy = whole
      for _ in 0..<9 {
        let (mine, theirs) = (second.nextBatch(4), copy.nextBatch(4))
        #expect(mine.examples == theirs.examples)
        #expect(mine.startsAfresh == theirs.startsAfresh)
        #expect(mine.epochsCompleted == theirs.epochsCompleted)
      }
      _ = whole.nextBatch(4)
    }
  }

  @Test("An epoch has as many batches as it says", arguments: SourceCase.allCases)
  fileprivate func batchesPerEpoch(_ test: SourceCase) throws {
    for count in [1, 4, 23, 1000] {
      var source = try test.makeTask().makeTrainingSource(seed: 1)
      guard let expected = source.batchesPerEpoch(count) else {
        #expect(test == .generated)
        continue
      }
      var batches = 0
      repeat { batches += 1 } while source.nextBatch(count).epochsCompleted == 0
      #expect(batches == expected, "\(count)")
    }
  }

  @Test("Places that the data do not have are refused", arguments: SourceCase.allCases)
  fileprivate func refuses(_ test: SourceCase) throws {
    let task = try test.makeTask()
    let fresh = task.makeTrainingSource(seed: 1).position
    var far = fresh
    far.taken = 1_000_000
    var negative = fresh
    negative.taken = -1
    var past = fresh
    past.epochs = -1
    var more = fresh
    more.generators.append(RandomGenerator(seed: 1))
    var fewer = fresh
    fewer.generators = fewer.generators.isEmpty ? [RandomGenerator(seed: 2)] : []
    for position in [far, negative, past, more, fewer] {
      #expect(throws: RNNError.self) {
        var source = task.makeTrainingSource(seed: 1)
        try source.seek(position, batch: 4)
      }
    }
  }

  @Test(
    "Text that is no place is refused",
    arguments: [
      "", "{}", "[]", #"{"epochs":1,"taken":0}"#, #"{"epochs":1,"taken":0,"generators":["x"]}"#,
      #"{"epochs":1,"taken":0,"generators":["0:0:0:0"]}"#,
      #"{"epochs":-1,"taken":0,"generators":[]}"#,
      #"{"epochs":1,"taken":0,"generators":["1:2:3"]}"#,
      #"{"epochs":1e99,"taken":0,"generators":[]}"#,
    ])
  func badText(_ text: String) {
    #expect(throws: RNNError.self) { try SourcePosition(json: text, name: "it") }
  }
}
