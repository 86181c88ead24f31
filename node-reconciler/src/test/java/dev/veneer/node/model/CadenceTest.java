package dev.veneer.node.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What an idle agent asks of its API server. */
class CadenceTest {
    /** Slivers, base images, the node's stores, trusted namespaces. */
    private static final int WATCHES = 4;

    @Test
    void anIdleAgentMakesLessThanOneRequestInTenSeconds() {
        double renewals = 10.0 / Cadence.USUAL.renewal().toSeconds();
        double watches = 10.0 * WATCHES / Cadence.USUAL.watch().toSeconds();
        assertTrue(renewals + watches < 1, renewals + " + " + watches);
    }

    @Test
    void aLeaseOutlivesSomeRenewalsThatFail() {
        assertTrue(Cadence.USUAL.lease().compareTo(Cadence.USUAL.renewal().multipliedBy(3)) > 0);
    }
}
