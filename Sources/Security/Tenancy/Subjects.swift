// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A customer organisation whose rows nobody else may see.
public enum TenantSubject {}
/// A person that signs in.
public enum UserSubject {}
/// One sign-in and everything refreshed from it.
public enum SessionSubject {}
/// A key that a program signs in with.
public enum APIKeySubject {}
/// One plugin, enabled for one tenant under one label.
public enum InstanceSubject {}
/// One payment.
public enum PaymentSubject {}
/// One refund.
public enum RefundSubject {}
/// One second factor that a user has set up.
public enum EnrollmentSubject {}
/// One second-factor question that waits for its answer.
public enum ChallengeSubject {}
/// One message to one recipient.
public enum NotificationSubject {}
/// One audit or outbox event.
public enum EventSubject {}
/// One plugin invocation.
public enum CallSubject {}
/// What a person signs in with, known again by its cookie.
public enum DeviceSubject {}
/// One wrapped key.
public enum KeySubject {}

/// Names a tenant.
public typealias TenantID = Identifier<TenantSubject>
/// Names a user.
public typealias UserID = Identifier<UserSubject>
/// Names a session.
public typealias SessionID = Identifier<SessionSubject>
/// Names a device.
public typealias DeviceID = Identifier<DeviceSubject>
/// Names an API key.
public typealias APIKeyID = Identifier<APIKeySubject>
/// Names a plugin instance.
public typealias InstanceID = Identifier<InstanceSubject>
/// Names a payment.
public typealias PaymentID = Identifier<PaymentSubject>
/// Names a refund.
public typealias RefundID = Identifier<RefundSubject>
/// Names a second-factor enrolment.
public typealias EnrollmentID = Identifier<EnrollmentSubject>
/// Names a second-factor challenge.
public typealias ChallengeID = Identifier<ChallengeSubject>
/// Names a notification.
public typealias NotificationID = Identifier<NotificationSubject>
/// Names an event.
public typealias EventID = Identifier<EventSubject>
/// Names an invocation.
public typealias CallID = Identifier<CallSubject>
/// Names one version of one wrapped key.
public typealias KeyID = Identifier<KeySubject>
