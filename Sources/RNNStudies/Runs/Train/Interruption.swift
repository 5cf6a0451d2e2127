import CLibrary
import Synchronization

/// Ctrl-C and TERM as a wish that work looks at between two steps. The second one ends the program
/// at once.
package enum Interruption {
  /// The signal that came; 0 for none.
  private static let received = Atomic<Int32>(0)

  /// Handles both signals from now on.
  package static func watch() {
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = {
        Interruption.received.store($0, ordering: .relaxed)
      }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
      sigaction(number, &action, nil)
    }
    // A program that was started from a thread of a dispatch queue inherits its blocked signals.
    var both = sigset_t()
    sigemptyset(&both)
    for number in [SIGINT, SIGTERM] { sigaddset(&both, number) }
    pthread_sigmask(SIG_UNBLOCK, &both, nil)
  }

  package static var signal: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }
}
