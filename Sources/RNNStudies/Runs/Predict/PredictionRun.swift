import RNNCore
import RNNReport
import RNNTasks

/// Answers inputs as they come, one answer for each, in order.
package struct PredictionRun {
  /// What was answered, and how much of it was known.
  package struct Summary: Equatable {
    package var inputs = 0
    package var errors = 0
    package var tokens = 0
    package var unknownTokens = 0

    package init() {}

    /// Said at the end.
    ///
    /// - Parameter token: what a token is, such as "word".
    package func sentence(token: String) -> String {
      var parts = ["Answered \(inputs - errors) of \(inputs) inputs"]
      if errors == 0 { parts = ["Answered \(inputs) input\(inputs == 1 ? "" : "s")"] }
      if tokens > 0 {
        let share = NumberFormat.percent(Double(unknownTokens) / Double(tokens))
        let name = tokens == 1 ? "\(token) was" : "\(token)s were"
        parts.append("\(share) of \(tokens) \(name) unknown to the model")
      }
      return parts.joined(separator: "; ") + "."
    }
  }

  private let predictor: Predictor
  private var reader: any PredictionReader
  private let answers: AnswerText
  /// Whether an input that cannot be read gets an answer that says so.
  private let marksErrors: Bool

  /// Inputs that are answered side by side: few while they come one by one, more when many wait.
  private static let counts = 8...512
  /// Numbers that the answers of a batch may come from.
  private static let mostNumbers = 1 << 24

  package init(
    _ predictor: Predictor, _ reader: any PredictionReader, answers: AnswerText, marksErrors: Bool
  ) {
    (self.predictor, self.reader) = (predictor, reader)
    (self.answers, self.marksErrors) = (answers, marksErrors)
  }

  /// Answers everything.
  ///
  /// Throws what reading and answering throw, after the answers to what came before are written.
  ///
  /// - Parameter write: takes the answers to a batch; others wait for them no longer.
  package mutating func run(write: (String) throws -> Void) throws -> Summary {
    var (summary, most) = (Summary(), Self.counts.lowerBound)
    while true {
      let batch = nextBatch(most)
      let isFull = batch.requests.count == most
      most = isFull ? min(2 * most, Self.counts.upperBound) : Self.counts.lowerBound
      if !batch.requests.isEmpty { try answer(batch.requests, &summary, write) }
      if let error = batch.error { throw error }
      if batch.isLast { return summary }
    }
  }

  private struct Batch {
    var requests: [PredictionRequest] = []
    var isLast = false
    var error: RNNError?
  }

  /// What waits already, at least one input.
  private mutating func nextBatch(_ most: Int) -> Batch {
    var (batch, size) = (Batch(), 0)
    while batch.requests.count < most, size < Self.mostNumbers,
      batch.requests.isEmpty || reader.hasMoreWaiting
    {
      do throws(RNNError) {
        guard var request = try reader.next() else {
          batch.isLast = true
          break
        }
        if case .success(let input) = request.input {
          do throws(RNNError) {
            try predictor.check(input)
            size += predictor.size(of: input)
          } catch {
            request.input = .failure(error.placed(request.place))
          }
        }
        if case .failure(let error) = request.input, !marksErrors {
          batch.error = error
          break
        }
        batch.requests.append(request)
      } catch {
        batch.error = error
        break
      }
    }
    return batch
  }

  private func answer(
    _ requests: [PredictionRequest], _ summary: inout Summary, _ write: (String) throws -> Void
  ) throws {
    let inputs = requests.compactMap { try? $0.input.get() }
    var predictions = try predictor.predictions(for: inputs, detail: answers.detail)[...]
    var text = ""
    for request in requests {
      if !request.isOnlyLines { summary.inputs += 1 }
      switch request.input {
      case .success:
        let prediction = predictions.removeFirst()
        summary.tokens += prediction.tokens
        summary.unknownTokens += prediction.unknownTokens
        text += answers.text(prediction, for: request)
      case .failure(let error):
        summary.errors += 1
        text += answers.text(error, for: request)
      }
    }
    try write(text)
  }
}

extension RNNError {
  /// The same with the place of the input that it is about.
  fileprivate func placed(_ place: String) -> RNNError {
    place.isEmpty
      ? self : RNNError(kind, "\(place): \(argument)", expected: expected, found: found)
  }
}
