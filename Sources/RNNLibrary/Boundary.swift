internal import CLibrary
import CRNN
import RNNCore

/// Runs what a function of the library does. An error becomes its status and a sentence for the
/// calling thread: none leaves the library otherwise. No fork happens meanwhile.
func guarded(_ body: () throws(RNNError) -> Void) -> rnncore_status {
  rnn_enter_library()
  defer { rnn_leave_library() }
  do throws(RNNError) {
    try body()
    return rnncore_status(RNNCORE_OK)
  } catch {
    rnn_set_last_error(error.description)
    return error.kind.status
  }
}

extension RNNError.Kind {
  /// The number of the same name in `rnncore.h`.
  fileprivate var status: rnncore_status {
    switch self {
    case .shape: rnncore_status(RNNCORE_SHAPE)
    case .range: rnncore_status(RNNCORE_RANGE)
    case .vocabulary: rnncore_status(RNNCORE_VOCABULARY)
    case .empty: rnncore_status(RNNCORE_EMPTY)
    case .nonFinite: rnncore_status(RNNCORE_NON_FINITE)
    case .format: rnncore_status(RNNCORE_FORMAT)
    case .unsupported: rnncore_status(RNNCORE_UNSUPPORTED)
    case .file: rnncore_status(RNNCORE_FILE)
    case .memory: rnncore_status(RNNCORE_MEMORY)
    // A library that is called works alone.
    case .ranks: rnncore_status(RNNCORE_UNSUPPORTED)
    }
  }
}

/// An address that has to be there.
func present<Pointer>(_ pointer: Pointer?, _ name: String) throws(RNNError) -> Pointer {
  guard let pointer else {
    throw RNNError(.shape, name, expected: "an address", found: "NULL")
  }
  return pointer
}

/// A text that has to be there.
func text(_ characters: UnsafePointer<CChar>?, _ name: String) throws(RNNError) -> String {
  String(cString: try present(characters, name))
}

/// A copy of a text that `rnncore_free` takes.
func copy(_ text: String) -> UnsafeMutablePointer<CChar>? { strdup(text) }

/// A size that fits an `Int`.
func size(_ value: Int64, _ name: String) throws(RNNError) -> Int {
  guard value >= 0 else {
    throw RNNError(.range, name, expected: "0 or more", found: "\(value)")
  }
  return Int(value)
}

// MARK: Handles

/// An object that a caller of the library holds by its address.
protocol Handle: AnyObject {
  /// What it is called in messages.
  static var name: String { get }
}

extension Handle {
  /// The address that keeps the object alive until ``destroy(_:)``.
  func handedOut() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

  static func object(_ handle: OpaquePointer?) throws(RNNError) -> Self {
    Unmanaged<Self>.fromOpaque(UnsafeRawPointer(try present(handle, name))).takeUnretainedValue()
  }

  static func destroy(_ handle: OpaquePointer?) {
    guard let handle else { return }
    rnn_enter_library()
    defer { rnn_leave_library() }
    Unmanaged<Self>.fromOpaque(UnsafeRawPointer(handle)).release()
  }
}

// MARK: Threads

/// The teams that calls work with, one for each number of threads that was asked for.
enum Teams {
  private struct Known {
    var isHosted = false
    var teams: [Int32: ThreadTeam] = [:]
  }
  private static let known = Locked(Known())

  /// - Parameter threads: 0 for one on each core that the process may use.
  static func team(_ threads: Int32) throws(RNNError) -> ThreadTeam {
    try known.withLock { (known) throws(RNNError) in
      if let team = known.teams[threads] { return team }
      let team: ThreadTeam
      if known.isHosted {
        let cores = availableCores()
        team = try ThreadTeam(
          count: threads == 0 ? min(1024, cores) : Int(threads), cores: cores, isHosted: true)
      } else if threads == 0 || Int(threads) == ThreadTeam.shared.count {
        team = .shared
      } else {
        team = try ThreadTeam(count: Int(threads))
      }
      known.teams[threads] = team
      return team
    }
  }

  /// Lets calls from now on work with the threads of the process's OpenMP runtime, or with threads
  /// of their own. Throws `.unsupported` where there is no such runtime.
  static func useHost(_ isHosted: Bool) throws(RNNError) {
    guard !isHosted || ThreadTeam.findHost() else {
      throw RNNError(
        .unsupported, "threads", expected: "an OpenMP runtime in this process", found: "none")
    }
    known.withLock { known in
      if known.isHosted != isHosted { known = Known(isHosted: isHosted) }
    }
  }
}
