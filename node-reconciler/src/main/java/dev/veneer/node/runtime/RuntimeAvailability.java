package dev.veneer.node.runtime;

/**
 * Whether containers can be run on this node.
 *
 * @param available whether they can
 * @param version LXC's version, empty when it is not installed
 * @param reason why not, for people; empty when available
 * @param remedy what a person can do about it; empty when available
 * @param notes what is worth knowing although it works: missing controllers, no AppArmor; may be empty
 */
public record RuntimeAvailability(boolean available, String version, String reason, String remedy, String notes) {
    static RuntimeAvailability missing(String version, String reason, String remedy) {
        return new RuntimeAvailability(false, version, reason, remedy, "");
    }
}
