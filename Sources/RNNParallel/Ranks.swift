import RNNCore

#if MPI
  import CMPI
  import Dispatch
#endif

/// The processes that MPI started together, as a ``/RNNCore/RankGroup``.
///
/// ```swift
/// let ranks = try Ranks.start()
/// let trainer = try Trainer(model, rate: 1e-3)
/// try trainer.divideBatches(into: 4, among: ranks)
/// …
/// Ranks.finish()
/// ```
///
/// Built with the package's trait `MPI`; without it no program is one of several.
public final class Ranks: RankGroup, @unchecked Sendable {
  public let rank: Int
  public let count: Int
  /// How many processes are bound to the same cores as this one, itself included: what its threads
  /// have to share them with.
  public let sharers: Int

  #if MPI
    /// Behind a pointer, for it is looked at while another thread exchanges.
    private let process: UnsafeMutablePointer<rnn_mpi_process>
    /// The thread that exchanges messages while the caller does something else.
    private let background = DispatchQueue(label: "rnncore.ranks")
  #endif

  /// Whether this build knows MPI.
  public static var isAvailable: Bool {
    #if MPI
      true
    #else
      false
    #endif
  }

  /// Joins the other processes; nil for a process that was started alone. To be called once, before
  /// anything is written or read that they share. Takes about 0.4 s under MPI.
  ///
  /// Throws `.unsupported` for a process that is one of several and cannot reach the others: by
  /// this build, or because its launcher belongs to another MPI than the one that it was built with
  /// (each process would take itself for the only one).
  public static func start() throws(RNNError) -> Ranks? {
    guard let launcher = Launcher() else { return nil }
    #if MPI
      let ranks = try Ranks()
      guard ranks.count == launcher.count else {
        throw RNNError(
          .unsupported, launcher.name,
          expected: "that of the MPI this program was built with, which finds \(launcher.count) "
            + "processes", found: "another one's: MPI finds \(ranks.count)")
      }
      return ranks
    #else
      throw RNNError(
        .unsupported, launcher.name, expected: "a program built with MPI (make mpi)",
        found: "one built without, started as \(launcher.count) processes")
    #endif
  }

  /// Leaves the others, who have to leave as well.
  public static func finish() {
    #if MPI
      rnn_mpi_finish()
    #endif
  }

  /// The argument of an error that a call of MPI returned.
  private static let lostMessage = "MPI"

  /// Whether messages failed on this rank, of which others need not know; other errors of kind
  /// `.ranks` are known to all.
  package static func isLostMessage(_ error: any Error) -> Bool {
    (error as? RNNError).map { $0.kind == .ranks && $0.argument == lostMessage } ?? false
  }

  /// Ends all processes at once.
  public static func abort(_ code: Int32) {
    #if MPI
      rnn_mpi_abort(code)
    #endif
  }

  #if MPI
    private init() throws(RNNError) {
      process = .allocate(capacity: 1)
      process.initialize(to: rnn_mpi_process())
      let error = rnn_mpi_start(process)
      guard error == MPI_SUCCESS else {
        process.deallocate()
        throw Self.failure(error)
      }
      (rank, count) = (Int(process.pointee.rank), Int(process.pointee.count))
      sharers = Int(process.pointee.sharers)
    }

    deinit { process.deallocate() }

    public func exchange(
      _ sending: [UnsafeRawBufferPointer], _ receiving: [UnsafeMutableRawBufferPointer]
    ) throws(RNNError) {
      precondition(sending.count == count && receiving.count == count, "a message for each rank")
      let error = rnn_mpi_exchange(
        process, sending.map(\.baseAddress), sending.map(\.count), receiving.map(\.baseAddress),
        receiving.map(\.count))
      guard error == MPI_SUCCESS else { throw Self.failure(error) }
    }

    /// False on one machine, where messages keep a core busy, and with an MPI that wants all calls
    /// from one thread.
    public var hasBackground: Bool {
      process.pointee.takes_threads && !process.pointee.is_together
    }

    public func inBackground(_ work: @escaping @Sendable () -> Void) {
      rnn_mpi_set_patient(process, true)
      background.async(execute: work)
    }

    public func waitForBackground() {
      rnn_mpi_set_patient(process, false)
      background.sync {}
    }

    private static func failure(_ code: Int32) -> RNNError {
      var text = [CChar](repeating: 0, count: 256)
      rnn_mpi_error(code, &text, Int32(text.count))
      let reason = String(
        decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return RNNError(
        .ranks, lostMessage, expected: "messages to and from all ranks", found: reason)
    }
  #else
    private init() { preconditionFailure("a build without MPI is alone") }

    public func exchange(
      _ sending: [UnsafeRawBufferPointer], _ receiving: [UnsafeMutableRawBufferPointer]
    ) throws(RNNError) {
      preconditionFailure("a build without MPI is alone")
    }
  #endif
}
