package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DriverFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which driver a new sliver gets.
 *
 * @param driver the driver
 * @param reason why, for {@code status.driverReason}
 */
record DriverChoice(DriverFacts driver, String reason) {

    /**
     * Chooses once and for all.
     *
     * @param drivers what the node has, best first
     * @param preferred the NodeStore's order, or empty
     * @param mapped whether it must be able to map ids
     */
    static DriverChoice choose(DesiredSliver sliver, List<DriverFacts> drivers, List<String> preferred, boolean mapped)
            throws NodeException {
        if (!sliver.driver().equals(DesiredSliver.AUTO_DRIVER)) {
            return new DriverChoice(named(sliver.driver(), drivers, mapped), "asked for by spec.driver");
        }
        List<DriverFacts> candidates = new ArrayList<>();
        for (String name : preferred) {
            drivers.stream().filter(d -> d.name().equals(name)).forEach(candidates::add);
        }
        if (preferred.isEmpty()) {
            candidates.addAll(drivers);
        }
        List<String> passedOver = new ArrayList<>();
        for (DriverFacts driver : candidates) {
            if (driver.available() && (!mapped || driver.mapsIds())) {
                String why = (preferred.isEmpty() ? "" : "preferred by the NodeStore; ") + driver.reason();
                String others = passedOver.isEmpty() ? "" : " (not " + String.join("; not ", passedOver) + ")";
                return new DriverChoice(driver, "auto: " + why + others);
            }
            passedOver.add(driver.name() + ": " + driver.reason());
        }
        String tried =
                candidates.stream().map(d -> d.name() + ": " + d.reason()).collect(Collectors.joining("; "));
        throw new NodeException(
                Reason.DriverUnavailable,
                Follow.WAIT,
                "no storage driver works on this store (" + tried + "); veneer doctor tells what is missing");
    }

    private static DriverFacts named(String name, List<DriverFacts> drivers, boolean mapped) throws NodeException {
        for (DriverFacts driver : drivers) {
            if (!driver.name().equals(name)) {
                continue;
            }
            if (!driver.available()) {
                throw new NodeException(
                        Reason.DriverUnavailable,
                        Follow.WAIT,
                        "driver " + name + " does not work on this store: " + driver.reason());
            }
            if (mapped && !driver.mapsIds()) {
                throw new NodeException(
                        Reason.DriverUnavailable,
                        Follow.STALLED,
                        "driver " + name + " cannot map ids; use userNamespace: Host or another driver");
            }
            return driver;
        }
        String known = drivers.stream().map(DriverFacts::name).collect(Collectors.joining(", "));
        throw new NodeException(
                Reason.DriverUnavailable, Follow.STALLED, "there is no driver " + name + "; this version has " + known);
    }
}
