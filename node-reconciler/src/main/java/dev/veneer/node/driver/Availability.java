package dev.veneer.node.driver;

/**
 * Whether a driver works on this machine and store.
 *
 * @param available whether it does
 * @param reason what was tried and found
 * @param remedy how to mend what is missing; empty when available
 */
public record Availability(boolean available, String reason, String remedy) {
    public static Availability yes(String reason) {
        return new Availability(true, reason, "");
    }

    public static Availability no(String reason, String remedy) {
        return new Availability(false, reason, remedy);
    }
}
