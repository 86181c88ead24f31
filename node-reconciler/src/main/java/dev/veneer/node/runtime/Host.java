package dev.veneer.node.runtime;

import org.jspecify.annotations.Nullable;

/**
 * Where LXC and its containers are: where this process is, or, for an agent in a pod, on the node that the pod is on. Of the
 * node one process is named; in its namespaces LXC's programs are run, and below its root the node's files are found.
 */
public final class Host {
    /** Containers belong where this process is. */
    public static final Host HERE = new Host(0, "");

    private final int process;
    private final String problem;
    private final @Nullable Programs programs;

    private Host(int process, String problem) {
        this.process = process;
        this.problem = problem;
        this.programs = null;
    }

    /** Containers belong where this process is, which runs programs so. */
    Host(Programs programs) {
        this.process = 0;
        this.problem = "";
        this.programs = programs;
    }

    /**
     * What a setting says.
     *
     * @param name how the setting is called, for people
     * @param process the number of a process of the node, as this process sees it; null or blank: {@link #HERE}. Where it
     *     is no such number nothing can be run, and {@link LxcRuntime#availability} says why
     */
    public static Host of(String name, @Nullable String process) {
        if (process == null || process.isBlank()) {
            return HERE;
        }
        String number = process.strip();
        return number.matches("[1-9][0-9]{0,8}")
                ? new Host(Integer.parseInt(number), "")
                : new Host(
                        0,
                        name + " is " + ConfigPolicy.quote(number)
                                + ", which is not the number of a process of the node");
    }

    /** The process of the node; 0 when containers belong where we are. */
    int process() {
        return process;
    }

    /** What is wrong with the setting, for people; empty when nothing is. */
    String problem() {
        return problem;
    }

    /** What to say of a thing that is missing there, after it: nothing where there is but one place. */
    String onNode() {
        return process == 0 ? "" : " on the node";
    }

    /** Runs programs there. */
    Programs programs() {
        Programs given = programs;
        if (given != null) {
            return given;
        }
        return process == 0 && problem.isEmpty() ? new HostPrograms() : new NodePrograms(this);
    }
}
