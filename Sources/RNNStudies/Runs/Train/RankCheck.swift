import CLibrary
import FoundationEssentials
import RNNCore
import RNNTasks

/// Whether processes that are to train together have the same to begin with: what differs is found
/// before the first step, not by results that nobody can explain.
struct RankCheck {
  /// What is compared, by the name that a complaint has for it.
  private var parts: [(name: String, sum: UInt64)]

  /// - Parameters:
  ///   - settings: of the run.
  ///   - fingerprint: of the data.
  ///   - run: at its start, or where it goes on.
  init(_ settings: TrainSettings, fingerprint: String, run: TrainingRun) {
    // Processes may run on machines of their own.
    var settings = settings
    settings.threads = 1
    parts = [
      ("build", Self.program), ("arithmetic", Self.sum(Arithmetic.current.name)),
      ("settings", Self.sum(settings.json)), ("data", Self.sum(fingerprint)),
      ("place in the data", Self.sum("\(run.course.updates) \(run.learner.position.json)")),
      ("parameters", run.model.parameters.checksum),
    ]
  }

  /// Throws `.ranks` on every rank where one has something else than rank 0.
  func compare(among ranks: any RankGroup) throws(RNNError) {
    let all = try ranks.gather(parts.map(\.sum))
    for (index, part) in parts.enumerated() {
      guard let rank = all.firstIndex(where: { $0[index] != all[0][index] }) else { continue }
      throw RNNError(
        .ranks, "rank \(rank)", expected: "the \(part.name) of rank 0", found: "another")
    }
  }

  private static func sum(_ text: String) -> UInt64 { Array(text.utf8).withUnsafeBytes(CRC64.of) }

  /// Of the file that this program was started from.
  private static let program: UInt64 = {
    guard let file = try? Data(contentsOf: URL(filePath: "/proc/self/exe"), options: .alwaysMapped)
    else { return 0 }
    return file.withUnsafeBytes(CRC64.of)
  }()
}
