package dev.veneer.api;

/**
 * The reasons that stand in conditions, each with when it appears. Their names are part of the API: they are
 * documented, stable and in CamelCase as Kubernetes wants them.
 */
public enum Reason {
    /** All that is declared is so. */
    Succeeded,
    /** Work on the object is going on or will go on by itself. */
    Progressing,
    /** {@code spec.suspend}: nothing at all is done to the object. */
    Suspended,
    /** The last declared version is wrong; the last good one stays in force. */
    InvalidSpec,
    /** In Kubernetes: the object has a field that the agent of its node is too old to know; the last good version stays in force. */
    UnsupportedField,
    /** The declared change is not possible for an object that exists already. */
    Immutable,
    /** A base image that the sliver names is not declared. */
    BaseImageNotFound,
    /** A base image that the sliver names is not imported yet, or its import fails. */
    BaseImageNotReady,
    /** The base image of that name now has other content than the sliver's own base. */
    BaseContentChanged,
    /** Content does not have the declared or recorded digest. */
    DigestMismatch,
    /** An archive or directory holds what Veneer refuses to import. */
    ContentRefused,
    /** A source could not be fetched or read. */
    FetchFailed,
    /** The node lacks what the driver needs, or no driver is available. */
    DriverUnavailable,
    /** What the sliver asks for is not allowed on this node, or not in its namespace. */
    NotAllowed,
    /** LXC is not installed or does not work here. */
    LxcUnavailable,
    /** The container did not start, or ended and is started again with backoff. */
    ContainerFailed,
    /** Another process, mount or container uses the sliver; waiting until it lets go. */
    InUse,
    /** Something that is not Veneer's stands in the way; it is not touched. */
    ForeignObject,
    /** Less than {@code NodeStore.spec.reserve.minFree} is free: nothing new is begun. */
    LowSpace,
    /** The store is read-only or returns errors. */
    StoreFaulty,
    /** What lies in the store is damaged. */
    Damaged,
    /** A rebase has conflicts that nothing settles: the sliver stays on its old base. */
    RebaseConflict,
    /** The sliver went back to an earlier state, which holds against what is declared until that is edited. */
    RolledBack,
    /** The new revision did not look as it must: the old one stays. A fault of Veneer. */
    VerifyFailed,
    /** {@code expiresAt} has passed. */
    Expired,
    /** The source of desired state cannot be read, is empty or shrank suddenly: nothing is deleted. */
    SourceHeld,
    /** The object belongs to another source of desired state. */
    OtherSource,
    /** Another object of this name, or a later generation of it, has its data on the node: they are not touched. */
    OtherObject,
    /** In Kubernetes: it was made before, and the node's store, perhaps for want of its disk, does not have it: nothing is made. */
    DataMissing,
    /** In Kubernetes: its node has not reported for longer than its Lease lasts; what is there goes on as it was. */
    NodeLost,
    /** An error that has no reason of its own; the message tells. */
    Failed
}
