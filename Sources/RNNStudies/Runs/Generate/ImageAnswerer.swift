import FoundationEssentials
import RNNCore
import RNNReport
import RNNTasks

/// Answers a question about an image with a saved model.
package struct ImageAnswerer {
  private let model: VisualQuestionModel
  private let task: VisualQuestionTask
  private let encoding: VisualQuestionEncoding

  package init(_ saved: SavedRun, _ encoding: VisualQuestionEncoding, data: URL, team: ThreadTeam)
    throws
  {
    guard let task = try saved.task(at: data) as? VisualQuestionTask else {
      preconditionFailure("questions about images")
    }
    (self.task, self.encoding) = (task, encoding)
    model = try VisualQuestionModel(saved.file, team: team)
  }

  /// The question to an image of the test part.
  ///
  /// Throws for an image that is not there, and for a question without words.
  package func item(_ question: String, image: Int) throws -> VisualQuestionItem {
    let tests = Set(task.test.map(\.image)).sorted()
    try require(tests.indices.contains(image), "--image", "0 to \(tests.count - 1)", "\(image)")
    let words = encoding.encode(question)
    guard !words.isEmpty else {
      throw RNNError(.empty, "--prompt", expected: "a question", found: "no word")
    }
    var item = task.test[0]
    (item.words, item.image, item.text) = (words, tests[image], question)
    return item
  }

  package func answer(_ item: VisualQuestionItem) throws(RNNError) -> VisualAnswer {
    try task.answers(to: [item], of: model, pass: model.makePass())[0]
  }

  /// The likeliest answers with their probabilities.
  package func lines(_ answer: VisualAnswer, most: Int = 3) -> [String] {
    let order = answer.probabilities.indices.sorted {
      answer.probabilities[$0] > answer.probabilities[$1]
    }
    return order.prefix(most).map {
      "\(encoding.answers[$0])  \(NumberFormat.percent(Double(answer.probabilities[$0])))"
    }
  }

  /// Throws for a model that does not look at images.
  package func map(_ answer: VisualAnswer, of item: VisualQuestionItem) throws(RNNError)
    -> SpotlightMap
  {
    guard !answer.attention.isEmpty else {
      throw RNNError(
        .unsupported, "--attention", expected: "a model that looks at images",
        found: "one that reads the question alone")
    }
    let best = encoding.answers[answer.best]
    return SpotlightMap(
      title: "\(item.text) \(best)", description: "The image, and what of it was looked at.",
      pixels: task.images[item.image], width: task.images.width, height: task.images.height,
      regions: answer.attention.enumerated().map { index, weight in
        let pixels = encoding.patches.pixels(of: index)
        return (pixels.x, pixels.y, Double(weight))
      })
  }
}
