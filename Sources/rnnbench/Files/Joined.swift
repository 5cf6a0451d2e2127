import ArgumentParser
import CLibrary
import RNNCore
import RNNParallel
import RNNReport

/// The processes that this one works with, when mpirun started several.
///
/// That of rank 0 speaks, and writes files; the others print nothing but what makes them fail.
enum Joined {
  /// Nil before ``join()``, and for a process that is alone.
  nonisolated(unsafe) private(set) static var ranks: Ranks?
  /// Where standard error led before this rank fell silent.
  nonisolated(unsafe) private static var errors: Int32?

  /// Joins the others, for a command that can work with them.
  static func join() throws(RNNError) {
    guard ranks == nil else { return }
    ranks = try Ranks.start()
    // Some launchers give each process a terminal of its own, whatever theirs leads to.
    if ranks != nil { setenv("NO_COLOR", "1", 0) }
    guard let ranks, ranks.rank > 0 else { return }
    errors = dup(STDERR_FILENO)
    let nowhere = open("/dev/null", O_WRONLY)
    dup2(nowhere, STDOUT_FILENO)
    dup2(nowhere, STDERR_FILENO)
    close(nowhere)
  }

  /// Whether this process speaks and writes.
  static var speaks: Bool { ranks?.rank ?? 0 == 0 }

  /// Threads of this process where nobody says otherwise: its share of the cores it is bound to.
  static var threads: Int { max(1, ThreadTeam.shared.count / (ranks?.sharers ?? 1)) }

  /// Ends the work with others after an error, which of them all know: a signal, a divergence, or
  /// that something is wrong with one of them. An error that this rank alone knows of ends them all
  /// at once.
  ///
  /// - Parameter text: what there is to say of it.
  static func leave(with error: any Error, code: ExitCode, text: String) {
    guard let ranks else { return }
    let isKnown =
      error is ExitCode || error is ProgramFailure
      || (error as? RNNError)?.kind == .ranks && !Ranks.isLostMessage(error)
    if let errors, !isKnown {
      dup2(errors, STDERR_FILENO)
      Terminal.warn("rank \(ranks.rank): \(text)")
    }
    if isKnown { Ranks.finish() } else { Ranks.abort(code.rawValue) }
  }
}
