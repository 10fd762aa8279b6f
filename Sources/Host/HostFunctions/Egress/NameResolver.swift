// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
package import NIOCore
import NIOPosix
package import Security

/// Turns a name into all its addresses; a struct of one closure so that a test can answer as a hostile name server would.
package struct NameResolver: Sendable {
    /// All addresses of a name, before the deadline.
    package var addresses: @Sendable (_ host: String, _ deadline: NIODeadline) async throws -> [IPAddress]

    /// Answers with a closure.
    package init(addresses: @escaping @Sendable (_ host: String, _ deadline: NIODeadline) async throws -> [IPAddress]) {
        self.addresses = addresses
    }

    /// The system's resolver, on NIO's blocking pool: `getaddrinfo` cannot be cancelled, so a late answer is dropped.
    package static func system(on group: any EventLoopGroup) -> NameResolver {
        NameResolver { host, deadline in
            let promise = group.any().makePromise(of: [IPAddress].self)
            let timer = promise.futureResult.eventLoop.scheduleTask(deadline: deadline) {
                promise.fail(NameResolverError(description: "the name was not resolved in time"))
            }
            NIOThreadPool.singleton.submit { state in
                // The first completion of a promise counts; a second one is ignored.
                switch state {
                case .active: promise.completeWith(Result { try lookUp(host) })
                case .cancelled: promise.fail(NameResolverError(description: "the host is shutting down"))
                }
            }
            defer { timer.cancel() }
            return try await promise.futureResult.get()
        }
    }

    private static func lookUp(_ host: String) throws -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_family = AF_UNSPEC
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else { throw NameResolverError(description: String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var next = list
        while let entry = next {
            if let raw = entry.pointee.ai_addr, let address = address(raw, family: entry.pointee.ai_family), !found.contains(address) {
                found.append(address)
            }
            next = entry.pointee.ai_next
        }
        return found
    }

    private static func address(_ raw: UnsafeMutablePointer<sockaddr>, family: Int32) -> IPAddress? {
        switch family {
        case AF_INET:
            raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { v4 in
                withUnsafeBytes(of: v4.pointee.sin_addr) { IPAddress(bytes: Array($0)) }
            }
        case AF_INET6:
            raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { v6 in
                withUnsafeBytes(of: v6.pointee.sin6_addr) { IPAddress(bytes: Array($0)) }
            }
        default: nil
        }
    }
}

/// A name that could not be resolved; the text is the resolver's and holds no name.
package struct NameResolverError: Error, Sendable, CustomStringConvertible {
    /// What the resolver said.
    package let description: String
}
