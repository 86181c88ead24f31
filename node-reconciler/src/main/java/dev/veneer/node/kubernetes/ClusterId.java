package dev.veneer.node.kubernetes;

import org.jspecify.annotations.Nullable;

/**
 * Which cluster it is: the uid of its namespace kube-system, which stays as long as the cluster's data do.
 *
 * @param uid that uid
 */
public record ClusterId(String uid) {
    private static final String WORDS = "Kubernetes cluster ";

    /** Its id as a source of desired state. */
    public String sourceId() {
        return "cluster-" + uid;
    }

    /** What the store keeps of it. */
    public String identity() {
        return WORDS + uid;
    }

    /** The cluster that a source kept in the store is; null when that is none. */
    public static @Nullable ClusterId of(String identity) {
        return identity.startsWith(WORDS) ? new ClusterId(identity.substring(WORDS.length())) : null;
    }
}
