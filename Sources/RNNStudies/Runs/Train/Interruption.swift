import CLibrary
import Synchronization

/// Ctrl-C and TERM as a wish that work looks at between two steps. The second one ends the program
/// at once.
package enum Interruption {
  /// The signal that came; 0 for none.
  private static let received = Atomic<Int32>(0)
  private static let numbers = [SIGINT, SIGTERM]

  /// Takes both signals as a wish from now on.
  package static func watch() {
    handle(flags: Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART) {
      Interruption.received.store($0, ordering: .relaxed)
    }
  }

  /// Lets both signals end the program at once from now on: nothing is lost by it.
  package static func endAtOnce() { handle(flags: 0, SIG_DFL) }

  private static func handle(flags: Int32, _ handler: sighandler_t?) {
    for number in numbers {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = handler
      action.sa_flags = flags
      sigaction(number, &action, nil)
    }
  }

  /// Lets both signals come: a program that was started from a thread of a dispatch queue inherits
  /// that they are held back.
  package static func unblock() {
    var both = sigset_t()
    sigemptyset(&both)
    for number in numbers { sigaddset(&both, number) }
    pthread_sigmask(SIG_UNBLOCK, &both, nil)
  }

  /// The signal that came while both were watched; nil for none.
  package static var signal: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }
}
