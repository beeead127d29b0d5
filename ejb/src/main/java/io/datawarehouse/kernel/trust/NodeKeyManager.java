package io.datawarehouse.kernel.trust;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Presents the node's credential. A TLS engine asks three times, for an alias, the key and the
 * chain: each credential has an alias of its own, so that a renewal in between mixes none.
 * Thread-safe.
 */
final class NodeKeyManager extends X509ExtendedKeyManager {

  private final Supplier<NodeTls.State> state;

  NodeKeyManager(Supplier<NodeTls.State> state) {
    this.state = state;
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return aliases(keyType);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return aliases(keyType);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(keyTypes);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(keyType);
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return choose(keyTypes);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return choose(keyType);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
    return find(alias).map(NodeCredential::chain).orElse(null);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
    return find(alias).map(NodeCredential::key).orElse(null);
  }

  private String @Nullable [] aliases(String keyType) {
    String alias = choose(keyType);
    return alias == null ? null : new String[] {alias};
  }

  private @Nullable String choose(String... keyTypes) {
    for (String keyType : keyTypes) {
      if (keyType.equals("EC") || keyType.equals("EC_EC")) {
        return state.get().current().alias();
      }
    }
    return null;
  }

  private Optional<NodeCredential> find(@Nullable String alias) {
    return state.get().credentials().stream()
        .filter(credential -> credential.alias().equals(alias))
        .findFirst();
  }
}
