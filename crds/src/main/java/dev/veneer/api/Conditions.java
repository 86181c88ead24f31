package dev.veneer.api;

/** The types of conditions, documented constants of the API. */
public final class Conditions {
    /** The object is as declared. Slivers, BaseImages, NodeStores. */
    public static final String READY = "Ready";
    /** Work is going on, or will without anybody's doing (kstatus). */
    public static final String RECONCILING = "Reconciling";
    /** Only a change of the declared state or a person helps (kstatus). */
    public static final String STALLED = "Stalled";
    /** The sliver's base has the content that its BaseImage has now. */
    public static final String BASE_UP_TO_DATE = "BaseUpToDate";
    /** The desired state is read and current. */
    public static final String DESIRED_STATE_FRESH = "DesiredStateFresh";
    /** {@code expiresAt} has passed. */
    public static final String EXPIRED = "Expired";

    private Conditions() {}
}
