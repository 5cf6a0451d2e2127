import Foundation
import Testing

/// What watches the tests and the programs that they start.
public enum Sanitizer {
  /// Whether one does: it takes memory of its own, and address space without bounds.
  public static let isActive =
    dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
}

extension Trait where Self == ConditionTrait {
  /// For tests of how much memory something takes, or of what it does where there is little.
  public static var unsanitized: Self {
    .disabled(if: Sanitizer.isActive, "A sanitizer takes memory of its own.")
  }
}
