internal import CLibrary

/// Where Linux keeps the limits of this process's control groups, versions 1 and 2.
package struct ControlGroups: Sendable {
  /// `/proc/self/cgroup`: which group the process is in, a line for each hierarchy.
  let membership: String
  /// `/proc/self/mountinfo`: where the hierarchies are mounted.
  let mounts: String

  /// Of this process.
  package static var current: ControlGroups {
    ControlGroups(
      membership: contents(ofSmallFile: "/proc/self/cgroup") ?? "",
      mounts: contents(ofSmallFile: "/proc/self/mountinfo") ?? "")
  }

  /// The folders whose files limit what `controller` (`cpu`, `memory`) shares out: the group of the
  /// process and all above it, since a limit holds for everything below. The files of version 1
  /// are in some, those of version 2 in others; many folders have none.
  package func folders(of controller: String) -> [String] {
    mounts.split(separator: "\n").flatMap { line -> [String] in
      // "36 35 0:29 /root /mounted/at rw … - cgroup source options"
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count >= dash + 4 else {
        return []
      }
      let options = fields[dash + 3].split(separator: ",")
      let group: Substring? =
        switch fields[dash + 1] {
        case "cgroup2": self.group("")
        case "cgroup" where options.contains { $0 == controller }: self.group(controller)
        default: nil
        }
      return group.map { Self.levels(of: $0, root: fields[3], mountedAt: fields[4]) } ?? []
    }
  }

  /// The path of the group that shares out what the controller named says; the empty name is
  /// version 2.
  private func group(_ controller: String) -> Substring? {
    // "4:cpu,cpuacct:/a/b", "0::/a/b"
    membership.split(separator: "\n").lazy
      .map { $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false) }
      .first {
        $0.count == 3
          && $0[1].split(separator: ",", omittingEmptySubsequences: false)
            .contains { $0 == controller }
      }?[2]
  }

  /// The folders of a group and of those above it, which end where the mount begins: in a container
  /// that is often the group itself, whose path says nothing there.
  private static func levels(
    of group: Substring, root: Substring, mountedAt place: Substring
  ) -> [String] {
    let (names, above) = (group.split(separator: "/"), root.split(separator: "/"))
    guard names.starts(with: above), !names.contains("..") else { return [String(place)] }
    let below = names.dropFirst(above.count)
    return (0...below.count).map { ([place] + below.prefix($0)).joined(separator: "/") }
  }
}
