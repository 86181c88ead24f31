package dev.veneer.node.plan;

/** The words for an object that another source of desired state declared. */
final class OwnedElsewhere {
    private OwnedElsewhere() {}

    static String text(String kind, String sourceId) {
        return "this " + kind + " was declared by another source (" + sourceId + "); --take-over takes it over";
    }
}
