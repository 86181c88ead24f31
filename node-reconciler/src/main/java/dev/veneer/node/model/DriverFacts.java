package dev.veneer.node.model;

import java.util.List;

/**
 * What the planner needs to know of a driver.
 *
 * @param name its name
 * @param form the form of a base that it wants
 * @param available whether it works on this machine and store
 * @param reason why, or why not and what to do
 * @param mapsIds whether it can be mounted with mapped ids
 * @param capabilities the names of what it can do, for status
 */
public record DriverFacts(
        String name, BaseForm form, boolean available, String reason, boolean mapsIds, List<String> capabilities) {
    public DriverFacts {
        capabilities = List.copyOf(capabilities);
    }
}
