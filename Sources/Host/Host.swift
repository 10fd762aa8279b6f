// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Logging
package import Sandbox
package import Security
public import ServiceLifecycle
package import Storage
import Values

/// One host: the rooms put together behind one door, for HTTP, the command line and jobs alike.
///
/// It knows no transport. Everything that acts takes a proof, a `Permit` or a `Principal`, so the door cannot be walked around.
public final class Host: Sendable {
    /// What the composition root brings along.
    package struct Parts: Sendable {
        /// Where rows are kept.
        package var database: any Database
        /// Where plugins run.
        package var sandbox: Sandbox
        /// What seals secrets.
        package var encryption: EncryptionService
        /// Who is asking.
        package var authenticator: Authenticator
        /// What the host may do by itself.
        package var authority: SystemAuthority
        /// What signs the audit trails' checkpoints.
        package var auditSigners: AuditSigners
        /// What seals page cursors.
        package var cursors: SealedCursor
        /// What opens the audit sinks' secrets; without it no webhook is served.
        package var secrets: HostSecrets?
        /// Where audit records wait that could not be written.
        package var fallback: AuditFallback
        /// How names are resolved; the system's way unless told otherwise.
        package var resolver: NameResolver?
        /// What time it is.
        package var clock: HostClock
        /// Where the host writes its own log.
        package var logger: Logger

        /// The parts of one host.
        package init(
            database: any Database, sandbox: Sandbox, encryption: EncryptionService, authenticator: Authenticator,
            authority: SystemAuthority, auditSigners: AuditSigners, cursors: SealedCursor,
            secrets: HostSecrets? = nil, fallback: AuditFallback = AuditFallback(), resolver: NameResolver? = nil,
            clock: HostClock = .system,
            logger: Logger = Logger(label: "panelhost")
        ) {
            (self.database, self.sandbox, self.encryption, self.authenticator) = (database, sandbox, encryption, authenticator)
            (self.auditSigners, self.cursors, self.secrets) = (auditSigners, cursors, secrets)
            (self.authority, self.fallback, self.resolver, self.clock, self.logger) = (authority, fallback, resolver, clock, logger)
        }
    }

    /// What the operator decided.
    public let configuration: HostConfiguration
    /// Who is asking.
    package let authenticator: Authenticator
    /// What they may do.
    package let authorizer = Authorizer()
    /// Plugins: installed, approved, configured.
    package let plugins: PluginRegistry
    /// The switches that keep plugins from running.
    package let stops: PluginStops
    /// The life of tenants.
    package let tenants: TenantAdministration
    /// Whether operators act in tenants.
    package let operators: OperatorAccess
    /// Invitations of people who have an account elsewhere.
    package let membershipOffers: MembershipOffers
    private let actingUpkeep: ActingUpkeep
    /// What carries them out in this process.
    package let stopWatch: StopWatch
    /// What writes down their crashes.
    package let cellEvents: CellEvents
    /// The instances that services call.
    package let directory: PluginDirectory
    /// The one way into a plugin.
    package let pipeline: InvocationPipeline
    /// Who may do what, for looking and for changing.
    package let policy: PolicyService
    /// Which of it is used.
    package let usage: PolicyUsage
    /// What seals page cursors.
    let cursors: SealedCursor
    /// The audit trail, for reading, and for what was refused.
    package let audit: AuditTrail
    /// What is counted.
    package let metrics = HostMetrics()
    /// Whether the host works.
    package let health: HostHealth

    /// Where rows are kept.
    package let database: any Database
    /// Where plugins run.
    package let sandbox: Sandbox
    /// What seals secrets.
    package let encryption: EncryptionService
    /// What the host may do by itself.
    package let authority: SystemAuthority
    /// What time it is.
    package let clock: HostClock
    /// This host among the others on its database.
    package let membership: HostMembership
    let fallback: AuditFallback
    private let egress: EgressClient
    private let drain: AuditDrain
    /// What gives audit events their places.
    package let sequencing: AuditSequencing

    /// What ships them to the sinks.
    package let shipping: AuditShipping
    /// Whether the sinks keep up.
    package let sinks: AuditSinkGate

    /// Charges, and the truth about their money.
    public let payments: PaymentService
    private let reconciler: PaymentReconciler
    /// Second factors that plugins deliver.
    package let twoFactor: TwoFactorService
    /// From where tenants are used.
    package let edge: TenantEdgeService
    /// The second factors of users' own accounts.
    package let factors: FactorService
    /// Messages that go out through notifiers.
    package let notifications: NotificationService
    /// The job that sends them.
    package let dispatcher: NotificationDispatcher
    /// The life of accounts, and their passwords.
    package let accounts: AccountService
    /// Messages to people about their accounts.
    package let accountMessages: AccountMessages
    /// Requests to reset a password.
    package let passwordResets: PasswordResets
    /// New addresses of people's own accounts.
    package let addressChanges: AddressChanges
    /// Sign-ins with a password, and the messages that they need.
    package let signIns: SignIns
    /// The job that tells people of new devices.
    package let newDeviceNotices: NewDeviceNotices
    /// The job that suspends accounts which nobody uses.
    package let dormantAccounts: DormantAccounts
    /// What tenants decide about their accounts.
    package let accountRules: AccountRules
    /// Reviews of who holds what.
    package let accessReviews: AccessReviews

    /// Puts the rooms together.
    package init(configuration: HostConfiguration, parts: Parts) {
        cursors = parts.cursors
        self.configuration = configuration
        (database, sandbox, encryption) = (parts.database, parts.sandbox, parts.encryption)
        (authenticator, authority, clock) = (parts.authenticator, parts.authority, parts.clock)
        fallback = parts.fallback
        let membership = HostMembership(database: database, authority: authority, clock: clock, logger: parts.logger)
        self.membership = membership
        // What many hosts must agree on goes by one clock.
        let shared = membership.clock
        egress = EgressClient(
            policy: EgressPolicy(exemptions: configuration.exemptions, allowsLoopback: configuration.allowsLoopbackEgress),
            resolver: parts.resolver)
        pipeline = InvocationPipeline(
            database: database, sandbox: sandbox, encryption: encryption,
            functions: HostFunctionTable(
                egress: egress, database: database, clock: clock, caps: configuration.caps,
                mayAct: { await membership.makeCertain(begunAt: $0) }),
            fallback: parts.fallback, caps: configuration.caps, clock: clock, log: PluginLog(parts.logger),
            metrics: metrics, standing: CallStanding(database: database, authenticator: parts.authenticator))
        let watch = StopWatch(database: database, sandbox: sandbox, authority: authority, logger: parts.logger) { [encryption] in
            encryption.forget($0)
        }
        stopWatch = watch
        stops = PluginStops(database: database, clock: clock) { await watch.look() }
        cellEvents = CellEvents(
            database: database, sandbox: sandbox, watch: watch, authority: authority, fallback: parts.fallback, clock: clock,
            logger: parts.logger, metrics: metrics)
        directory = PluginDirectory(database: database)
        plugins = PluginRegistry(
            database: database, directory: directory, encryption: encryption, pipeline: pipeline, configuration: configuration, clock: clock
        )
        var policy = PaymentPolicy()
        policy.allowsLoopbackLinks = configuration.isDevelopment
        payments = PaymentService(
            database: database,
            gateways: GatewayPort(pipeline: pipeline, directory: directory, encryption: encryption, database: database),
            encryption: encryption, system: authority, clock: shared, currentRun: { membership.run }, policy: policy)
        reconciler = PaymentReconciler(payments, logger: parts.logger)
        audit = AuditTrail(
            database: database, encryption: encryption, authority: authority, signers: parts.auditSigners, cursors: parts.cursors)
        usage = PolicyUsage(database: database, authority: authority, clock: clock, logger: parts.logger)
        self.policy = PolicyService(database: database, clock: clock, audit: audit)
        let sequencer = AuditSequencer(database: database, authority: authority, signers: parts.auditSigners)
        sequencing = AuditSequencing(sequencer, logger: parts.logger)
        operators = OperatorAccess(database: database, authenticator: authenticator, authority: authority, clock: clock)
        membershipOffers = MembershipOffers(database: database, clock: clock)
        actingUpkeep = ActingUpkeep(authenticator, logger: parts.logger)
        tenants = TenantAdministration(
            database: database, encryption: encryption, authority: authority, sequencer: sequencer, clock: clock
        ) { await watch.look() }
        shipping = AuditShipping(
            database: database, authority: authority,
            transports: SinkTransports(secrets: parts.secrets, encryption: encryption, isDevelopment: configuration.isDevelopment),
            holder: { membership.run.description }, logger: parts.logger)
        sinks = AuditSinkGate(database: database, authority: authority)
        health = HostHealth(
            database: database, sandbox: sandbox, authority: authority, fallback: parts.fallback, sequencing: sequencing, stopWatch: watch,
            membership: membership, sinks: sinks)
        edge = TenantEdgeService(database: database, authority: authority, clock: clock)
        twoFactor = TwoFactorService(database: database, directory: directory, pipeline: pipeline, encryption: encryption, clock: shared)
        factors = FactorService(
            database: database, encryption: encryption, authenticator: authenticator, authority: authority, twoFactor: twoFactor,
            clock: shared)
        dispatcher = NotificationDispatcher(
            database: database, directory: directory, pipeline: pipeline, authority: authority, encryption: encryption, clock: shared,
            logger: parts.logger, owner: { membership.run.description })
        notifications = NotificationService(database: database, directory: directory, clock: shared, dispatcher: dispatcher)
        accountMessages = AccountMessages(database: database, directory: directory, notifications: notifications, authority: authority)
        accounts = AccountService(
            database: database, authenticator: authenticator, authority: authority, messages: accountMessages, clock: clock)
        passwordResets = PasswordResets(accounts, logger: parts.logger)
        addressChanges = AddressChanges(
            database: database, authenticator: authenticator, authority: authority, encryption: encryption, messages: accountMessages,
            clock: clock)
        signIns = SignIns(authenticator, accountMessages)
        newDeviceNotices = NewDeviceNotices(
            authenticator, accountMessages, database: database, authority: authority, metrics: metrics, logger: parts.logger)
        // By the clock of all hosts: one that is a year ahead must not suspend everybody.
        dormantAccounts = DormantAccounts(database: database, authority: authority, clock: shared, logger: parts.logger)
        accountRules = AccountRules(database: database, clock: clock)
        accessReviews = AccessReviews(database: database, clock: clock)
        drain = AuditDrain(fallback: parts.fallback, database: database, authority: authority, logger: parts.logger)
    }

    /// What runs as long as the host does, in the order of starting; the first one is stopped last.
    public var services: [any Service] {
        [
            sandbox, egress, membership, sequencing, shipping, drain, stopWatch, cellEvents, reconciler, dispatcher, passwordResets,
            newDeviceNotices, dormantAccounts, actingUpkeep, usage,
        ]
    }

    /// Ends what was started, for owners without a service group.
    package func shutdown() async {
        await egress.shutdown()
        await drain.flush()
        await sequencing.finish()
        await sandbox.shutdown()
    }
}
