/// The C library of the platform: its mathematics and system calls, without Foundation.
#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#else
  @_exported import Darwin
#endif

/// A variable of this process's environment; nil where it is not set.
package func environmentValue(of name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}

/// A text file of the system's, up to 64 KiB of it; nil where it cannot be read.
package func contents(ofSmallFile path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, used in
    used = fread(buffer.baseAddress, 1, buffer.count, file)
  }
  return String(decoding: bytes, as: UTF8.self)
}
