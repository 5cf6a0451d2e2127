internal import CKernels
internal import CLibrary

/// The cores that this process may use: those it is bound to, or fewer where its control group may
/// only have a part of their time.
package func availableCores() -> Int {
  let bound = Int(rnn_bound_cores())
  let cores = bound > 0 ? bound : Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  return max(1, min(cores, coresOfQuota() ?? cores))
}

/// The control group's share of time in whole cores, rounded up; nil where it has no limit.
private func coresOfQuota() -> Int? {
  let group = "/sys/fs/cgroup"
  let words =
    contents(ofSmallFile: "\(group)/cpu.max")
    ?? (contents(ofSmallFile: "\(group)/cpu/cpu.cfs_quota_us") ?? "") + " "
    + (contents(ofSmallFile: "\(group)/cpu/cpu.cfs_period_us") ?? "")
  return coresOfQuota(words)
}

/// - Parameter text: microseconds in each period of so many microseconds. No limit is `max` in the
///   newer file of control groups, −1 in the older ones.
func coresOfQuota(_ text: String) -> Int? {
  let numbers = text.split { $0 == " " || $0 == "\n" }.map { Int($0) ?? 0 }
  guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0 else { return nil }
  return (numbers[0] - 1) / numbers[1] + 1
}
