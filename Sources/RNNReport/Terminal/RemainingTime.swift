/// How long work will still take, judged by the time that its done part took.
struct RemainingTime {
  /// When it was begun, in seconds from any fixed moment.
  let start: Double
  /// The share that was done before, in 0...1: of a run that goes on.
  let share: Double

  /// Seconds that the rest takes when it goes on as fast as so far; nil in the first second, and
  /// where nothing or everything is done.
  ///
  /// - Parameters:
  ///   - now: seconds from the same moment as ``start``.
  ///   - share: of the work that is done, in 0...1.
  func seconds(at now: Double, share: Double) -> Double? {
    let (elapsed, gained) = (now - start, share - self.share)
    guard elapsed >= 1, gained > 0, share < 1 else { return nil }
    return elapsed / gained * (1 - share)
  }

  /// `8 s`, `45 s`, `3 min`, `1 h 20 min`: rounded up, as coarse as such a guess is.
  static func words(_ seconds: Double) -> String {
    func ceiling(_ value: Double, _ step: Double) -> Int {
      Int((value / step - 1e-9).rounded(.up) * step)
    }
    let seconds = min(max(0, seconds), 1e9)
    if seconds <= 10 { return "\(max(1, ceiling(seconds, 1))) s" }
    if seconds <= 55 { return "\(ceiling(seconds, 5)) s" }
    if seconds <= 3540 { return "\(ceiling(seconds / 60, 1)) min" }
    let minutes = ceiling(seconds / 60, 10)
    return "\(minutes / 60) h" + (minutes % 60 == 0 ? "" : " \(minutes % 60) min")
  }
}
