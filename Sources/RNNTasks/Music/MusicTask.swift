internal import CLibrary
import FoundationEssentials
import RNNCore

/// Predicts which notes sound next, each as an independent yes or no.
///
/// The input at step t is the frame of step t − 1, zeros at the start of a piece; the target is the
/// frame of step t. The score is the negative log-likelihood of a step, the sum over its notes of
/// the binary cross-entropy, in nats, as a mean over all steps of all pieces (Boulanger-Lewandowski
/// et al., 2012); beside it the accuracy of frames, TP/(TP + FP + FN) over all notes of all steps
/// (Bay et al., 2009).
public struct MusicTask: SequenceDataTask {
  /// How notes become numbers.
  public let music: MusicEncoding
  /// Whole pieces, or stretches of at most `chunk` steps.
  public let training: ExampleList
  public let validation: ExampleList
  public let test: ExampleList
  /// The mean entropy of the notes' frequencies in training, in nats a note.
  public let guessLoss: Double?
  private let groupsByLength: Bool
  /// Of all training pieces.
  private let trainingSteps: Int

  /// Reads a piano roll. Throws what ``PianoRoll`` does, and `.range` for a `chunk`
  /// below 1.
  init(_ url: URL, _ options: DataOptions, encoding: MusicEncoding?) throws(RNNError) {
    try options.check(options.chunk, "chunk")
    let music = encoding ?? .piano
    let roll = try PianoRoll(reading: url, encoding: music)
    let width = music.noteCount
    self.music = music
    groupsByLength = options.groupsByLength
    training = roll.training.examples(most: options.chunk, width: width)
    validation = roll.validation.examples(width: width)
    test = roll.test.examples(width: width)
    let (counts, steps) = roll.training.counts(width: width)
    trainingSteps = steps
    guessLoss = Self.entropy(counts, steps: steps)
  }

  /// One part alone, all of it.
  init(
    heldOut place: HeldOutPlace, _ options: DataOptions, encoding: MusicEncoding
  ) throws(RNNError) {
    let examples = try PianoRoll.pieces(of: place.part, in: try place.entry(), encoding)
      .examples(width: encoding.noteCount)
    (music, groupsByLength, training, guessLoss) = (encoding, false, [], nil)
    trainingSteps = 0
    (validation, test) = place.part == .validation ? (examples, []) : ([], examples)
  }

  public var name: String { TaskName.music.rawValue }
  public var encoding: TaskEncoding { .music(music) }
  public var summary: String {
    "predict the next of \(music.noteCount) notes in \(trainingSteps) steps of music"
  }
  public var learned: ExampleList? { training }
  public var shape: TaskShape {
    TaskShape(
      input: .features(width: music.noteCount), answer: .everyStep, objective: .bernoulli,
      outputs: music.noteCount, allowsFuture: false)
  }

  /// Goes through the training pieces in a fresh random order each epoch.
  public func makeTrainingSource(seed: UInt64) -> any TrainingSource {
    ShuffledSource(checked: training, seed: seed, groupsByLength: groupsByLength)
  }

  /// Takes the negative log-likelihood of a step from the mean loss, which is that of one note of
  /// one step, and counts notes; answers are outputs before the sigmoid, so that a note is
  /// predicted where one is above 0.
  public func makeScore() -> any AnswerScore { Score(noteCount: music.noteCount) }

  private struct Score: AnswerScore {
    let noteCount: Int
    var right = 0
    var either = 0

    mutating func add(_ prediction: SequencePrediction, for example: Example) {
      guard case .values(let outputs) = prediction.answers,
        case .valuesPerStep(let notes) = example.target
      else { preconditionFailure("notes are answered by numbers") }
      precondition(outputs.count == notes.count, "one answer a target")
      for (output, note) in zip(outputs, notes) {
        let (isPredicted, sounds) = (output > 0, note > 0.5)
        if isPredicted && sounds { right += 1 }
        if isPredicted || sounds { either += 1 }
      }
    }

    /// The accuracy is 1 where nothing sounds and nothing is predicted.
    func taskScore(meanLoss: Double) -> TaskScore {
      let accuracy = either == 0 ? 1 : Double(right) / Double(either)
      return TaskScore(metrics: [
        Metric(name: "NLL/step", value: meanLoss * Double(noteCount), higherIsBetter: false),
        Metric(name: "frame accuracy", value: accuracy, higherIsBetter: true),
      ])
    }
  }

  /// - Parameters:
  ///   - counts: how often each note is played.
  ///   - steps: of all pieces.
  private static func entropy(_ counts: [Int], steps: Int) -> Double {
    let entropies = counts.map { count in
      [count, steps - count].reduce(0.0) { sum, part in
        let share = Double(part) / Double(steps)
        return part == 0 ? sum : sum - share * log(share)
      }
    }
    return entropies.reduce(0, +) / Double(counts.count)
  }
}
