internal import CKernels
internal import CLibrary

/// The cores that this process may use: those it is bound to (by `taskset`, the scheduler of a
/// cluster, a container's cpuset), or fewer where a control group has only a part of their time
/// (`docker --cpus`, `CPUQuota` of systemd).
public struct CoreLimit: Sendable, Hashable {
  /// Cores of the machine that are on line.
  public let online: Int
  /// Cores that the process is bound to, all of them where nobody bound it.
  public let bound: Int
  /// How many cores' time the control groups of this process may have, the least of all levels of
  /// their hierarchy; nil where it has no limit.
  public let quota: Double?

  /// How many threads find a core: those it is bound to, or the quota rounded up; at least 1.
  public var cores: Int {
    max(1, Int(min(Double(bound), quota?.rounded(.up) ?? .infinity)))
  }

  /// Of this process as it is now. Takes some tens of microseconds.
  public static func current() -> CoreLimit {
    let online = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let bound = Int(rnn_bound_cores())
    return CoreLimit(
      online: online, bound: bound > 0 ? bound : online,
      quota: ControlGroups.current.folders(of: "cpu").compactMap(quota(ofGroup:)).min())
  }

  /// The quota of one control group; nil where it has none.
  static func quota(ofGroup folder: String) -> Double? {
    let files = ["cpu.max", "cpu.cfs_quota_us", "cpu.cfs_period_us"]
    return quota(
      files.compactMap { contents(ofSmallFile: "\(folder)/\($0)") }.joined(separator: " "))
  }

  /// - Parameter text: microseconds in each period of so many microseconds. No limit is `max` in
  ///   the file of version 2 of control groups, −1 in the two files of version 1.
  static func quota(_ text: String) -> Double? {
    let numbers = text.split { $0 == " " || $0 == "\n" }.map { Int($0) ?? 0 }
    guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0 else { return nil }
    return Double(numbers[0]) / Double(numbers[1])
  }
}

extension CoreLimit: CustomStringConvertible {
  /// As in `2`, `1 of 64, which the process is bound to` and `2 of 64, by a quota of 1.5`.
  public var description: String {
    if let quota, quota <= Double(bound - 1) {
      return "\(cores) of \(online), by a quota of \((quota * 1000).rounded() / 1000)"
    }
    return bound < online ? "\(bound) of \(online), which the process is bound to" : "\(cores)"
  }
}

/// The cores that this process may use.
package func availableCores() -> Int { CoreLimit.current().cores }
