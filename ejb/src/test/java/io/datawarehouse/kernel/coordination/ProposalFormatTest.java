package io.datawarehouse.kernel.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class ProposalFormatTest {

  private static final RegistryEntry.Address ADDRESS =
      new RegistryEntry.Address("buckets", "photos/käse \uD83E\uDDC0");

  private static final List<Proposal> PROPOSALS =
      List.of(
          proposal(Optional.empty()),
          proposal(Optional.of(new ClusterCommand.Remove(ADDRESS, OptionalLong.empty()))),
          proposal(Optional.of(new ClusterCommand.Remove(ADDRESS, OptionalLong.of(0)))),
          proposal(Optional.of(new ClusterCommand.Put(ADDRESS, "", OptionalLong.of(41)))),
          proposal(
              Optional.of(
                  new ClusterCommand.Put(
                      ADDRESS,
                      "\u20ac".repeat(RegistryEntry.LONGEST_VALUE),
                      OptionalLong.of(1L << 40)))));

  @Test
  void aProposalIsReadAsItWasWritten() throws IOException {
    for (Proposal proposal : PROPOSALS) {
      byte[] bytes = ProposalFormat.write(proposal);
      assertThat(ProposalFormat.read(bytes, 0, bytes.length)).isEqualTo(proposal);
    }
  }

  @Test
  void whatALaterReleaseAddsBehindIsIgnored() throws IOException {
    for (Proposal proposal : PROPOSALS) {
      byte[] bytes = ProposalFormat.write(proposal);
      byte[] longer = Arrays.copyOf(bytes, bytes.length + 7);
      assertThat(ProposalFormat.read(longer, 0, longer.length)).isEqualTo(proposal);
    }
  }

  @Test
  void anUnknownVersionOrKindIsRefused() {
    byte[] version = ProposalFormat.write(PROPOSALS.get(0));
    version[0] = 2;
    byte[] kind = ProposalFormat.write(PROPOSALS.get(0));
    kind[1] = 9;

    assertThatThrownBy(() -> ProposalFormat.read(version, 0, version.length))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> ProposalFormat.read(kind, 0, kind.length))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aProposalThatIsCutOffIsRefused() {
    byte[] bytes = ProposalFormat.write(PROPOSALS.get(3));
    for (int length = 0; length < bytes.length; length++) {
      int cut = length;
      assertThatThrownBy(() -> ProposalFormat.read(bytes, 0, cut)).isInstanceOf(IOException.class);
    }
  }

  private static Proposal proposal(Optional<ClusterCommand> command) {
    return new Proposal(
        new RequestId(new NodeId("node-1"), 1_700_000_000_000L, 300),
        128,
        new Capacity(1_000, 1 << 20),
        command);
  }
}
