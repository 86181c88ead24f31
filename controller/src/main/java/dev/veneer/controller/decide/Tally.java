package dev.veneer.controller.decide;

import dev.veneer.api.v1alpha1.BaseImageNodes;
import dev.veneer.api.v1alpha1.StoredBaseImage.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What nodes say of a base image, added up.
 *
 * @param counts the numbers
 * @param differing nodes whose content has another digest
 * @param failing nodes that need it and where it fails for another reason
 * @param bytes what it takes, as a node says that has it
 */
record Tally(BaseImageNodes counts, List<String> differing, List<String> failing, @Nullable Long bytes) {
    static Tally of(ImageUse use, @Nullable String digest) {
        List<String> differing = new ArrayList<>();
        List<String> failing = new ArrayList<>();
        Long bytes = null;
        int ready = 0;
        int failed = 0;
        for (ImageUse.Report report : use.reports()) {
            boolean needed = use.nodes().contains(report.node());
            boolean differs = digest != null && report.digest() != null && !digest.equals(report.digest());
            if (differs) {
                differing.add(report.node());
                failed += needed ? 1 : 0;
            } else if (report.state() == State.Ready) {
                bytes = bytes == null ? report.bytes() : bytes;
                ready += needed ? 1 : 0;
            } else if (report.state() == State.Failed && needed) {
                failing.add(report.node());
                failed++;
            }
        }
        // A node that needs it and has said nothing of it yet will import it too.
        int desired = use.nodes().size();
        return new Tally(
                new BaseImageNodes(desired, ready, Math.max(0, desired - ready - failed), failed),
                List.copyOf(differing),
                List.copyOf(failing),
                bytes);
    }
}
