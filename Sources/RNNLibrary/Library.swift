// The names are those of rnncore.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CLibrary
import CRNN
import RNNCore

@c @implementation
public func rnncore_abi_version() -> Int32 { Int32(RNNCORE_ABI_VERSION) }

/// Kept as long as the process.
private nonisolated(unsafe) let version = copy(Version.current)

@c @implementation
public func rnncore_version() -> UnsafePointer<CChar>? { UnsafePointer(version) }

@c @implementation
public func rnncore_describe(
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> rnncore_status {
  json?.pointee = nil
  return guarded { () throws(RNNError) in
    let target = try present(json, "json")
    try InstructionSet.validateEnvironment()
    try ProductBackend.validateEnvironment()
    try ThreadTeam.validateEnvironment()
    let machine = MachineProfile.current()
    target.pointee = copy(
      JSONText.object([
        .init("version", .string(Version.current)),
        .init("cpu", .string(machine.cpu)),
        .init("kernels", .string(machine.instructionSet.rawValue)),
        .init("products", .string(ProductBackend.standard.rawValue)),
        .init("threads", JSONText(ThreadTeam.shared.count)),
      ]).text)
  }
}

@c @implementation
public func rnncore_use_openmp(_ wanted: Bool) -> rnncore_status {
  guarded { () throws(RNNError) in try Teams.useHost(wanted) }
}

@c @implementation
public func rnncore_free(_ text: UnsafeMutablePointer<CChar>?) { free(text) }
