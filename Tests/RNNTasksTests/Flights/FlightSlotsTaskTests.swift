import RNNCore
import RNNTasks
import Testing

@Suite("Flight slots")
struct FlightSlotsTaskTests {
  let task: FlightSlotsTask
  let sentences: [(words: [String], tags: [String])]

  init() throws {
    let task = try FlightSlotsTask(heldOut: HeldOutSizes(validation: 1, test: 20_000))
    self.task = task
    let (words, tags) = (task.words, task.tags)
    sentences = task.test.map { example in
      (example.tokens.map { words[Int($0)] }, example.classes.map { tags[Int($0)] })
    }
  }

  @Test("No prefix of words ever has two different tags at its end")
  func leftContext() {
    var tagOf: [[Int32]: Int32] = [:]
    for example in task.test {
      for step in 0..<example.length {
        let prefix = Array(example.tokens[...step])
        let tag = example.classes[step]
        #expect(tagOf[prefix, default: tag] == tag)
        tagOf[prefix] = tag
      }
    }
  }

  @Test("The clause's opening word, two words and the tag before decide every tag")
  func shortMemorySuffices() {
    // A function of so little occurs often enough to be tested in earnest, unlike long prefixes.
    let cues: Set = [
      "leave", "leaving", "depart", "departing", "start", "starting", "take", "taking", "from",
      "arrive", "arriving", "land", "landing", "touch", "touching", "to", "stop", "stopping",
      "change", "changing", "rest", "resting", "via", "through",
    ]
    var tagOf: [[String]: String] = [:]
    for (words, tags) in sentences {
      var (cue, before, tagBefore) = ("", "", "O")
      for (word, tag) in zip(words, tags) {
        if cues.contains(word) { cue = word }
        let context = [cue, before, tagBefore, word]
        #expect(tagOf[context, default: tag] == tag, "\(context)")
        tagOf[context] = tag
        (before, tagBefore) = (word, tag)
      }
    }
  }

  @Test("The best table from word to tag fails on more than half of the words in slots")
  func contextFreeBound() {
    var counts: [String: [String: Int]] = [:]
    for (words, tags) in sentences {
      for (word, tag) in zip(words, tags) { counts[word, default: [:]][tag, default: 0] += 1 }
    }
    let best = counts.compactMapValues { $0.max { $0.value < $1.value }?.key }
    var (slotTokens, slotRight, tokens, right) = (0, 0, 0, 0)
    for (words, tags) in sentences {
      for (word, tag) in zip(words, tags) {
        let isRight = best[word] == tag
        tokens += 1
        if isRight { right += 1 }
        guard tag != "O" else { continue }
        slotTokens += 1
        if isRight { slotRight += 1 }
      }
    }
    #expect(Double(slotRight) / Double(slotTokens) < 0.5)
    #expect(Double(right) / Double(tokens) < 0.85)
    #expect((0.3...0.6).contains(Double(slotTokens) / Double(tokens)))
  }

  @Test("Sentences have 4 to 22 words, and slots stand 1 to 8 and more words after their verb")
  func lengths() {
    let lengths = Set(sentences.map(\.words.count))
    #expect(lengths == Set(4...22))
    let distances = Set(
      sentences.compactMap { words, tags -> Int? in
        guard let verb = words.firstIndex(of: "arrive") else { return nil }
        return tags[verb...].firstIndex(of: "B-arrive.date").map { $0 - verb }
      })
    #expect(distances.isSuperset(of: 2...8))
  }

  @Test("Every tag and every word occurs; departures are as frequent as arrivals")
  func coverage() {
    let words = Set(sentences.flatMap(\.words))
    let tags = sentences.flatMap(\.tags)
    #expect(words == Set(task.words))
    // A period of the day is one word.
    let oneWord = ["I-depart.period", "I-arrive.period", "I-stop.period", "I-tickets"]
    #expect(Set(tags) == Set(task.tags).subtracting(oneWord))
    let departures = tags.count { $0 == "B-depart.city" }
    let arrivals = tags.count { $0 == "B-arrive.city" }
    #expect(abs(Double(departures) / Double(arrivals) - 1) < 0.1)
  }

  @Test("The lecture's sentences can be encoded, other words are named in the error")
  func encode() throws {
    for verb in ["arrive", "leave"] {
      let ids = try task.encode("\(verb) taipei on november 2nd")
      #expect(ids.map { task.words[Int($0)] }.joined(separator: " ").hasPrefix(verb))
    }
    let error = #expect(throws: RNNError.self) { try task.encode("arrive atlantis") }
    #expect(error?.kind == .vocabulary && error?.found == "'atlantis'")
    #expect(throws: RNNError.self) { try task.encode("  ") }
  }

  @Test("Both metrics count what they say")
  func metrics() throws {
    let example = Example(
      input: .tokens([0, 1, 2, 3]), target: .classPerStep([0, 1, 2, 3]))
    let prediction = SequencePrediction.classes([0, 1, 0, 3])
    let f1Task = try FlightSlotsTask(scoredBy: .chunkF1)
    let accuracy = task.metric(predictions: [prediction], examples: [example], meanLoss: 1)
    let f1 = f1Task.metric(predictions: [prediction], examples: [example], meanLoss: 1)
    #expect(accuracy.name == "token accuracy" && accuracy.value == 0.75)
    // Two true chunks, two predicted, one of them right.
    #expect(f1.name == "F1" && f1.value == 0.5)
  }
}
