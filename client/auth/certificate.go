package auth

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// signer signs client assertions by a certificate.
type signer struct {
	key        *rsa.PrivateKey
	thumbprint string
}

func newSigner(c tls.Certificate) (*signer, error) {
	if len(c.Certificate) == 0 {
		return nil, errors.New("there is a key, and no certificate")
	}
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		return nil, err
	}
	key, ok := c.PrivateKey.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the private key is a %T; Microsoft Entra ID takes RSA keys", c.PrivateKey)
	}
	if !key.PublicKey.Equal(leaf.PublicKey) {
		return nil, errors.New("the private key is not that of the certificate")
	}
	thumbprint := sha256.Sum256(leaf.Raw)
	return &signer{key, base64.RawURLEncoding.EncodeToString(thumbprint[:])}, nil
}

// assertionLifetime is how long an assertion may be used. Microsoft's page on certificate credentials, which has the form of
// the assertion too, advises 5 to 10 minutes.
const assertionLifetime = 10 * time.Minute

// assertion makes what proves to a token endpoint that the application has the certificate's key.
func (s *signer) assertion(applicationID, audience string) (string, error) {
	at := now()
	token := jwt.NewWithClaims(jwt.SigningMethodPS256, jwt.MapClaims{
		"aud": audience, "iss": applicationID, "sub": applicationID, "jti": uuid.NewString(),
		"nbf": at.Unix(), "iat": at.Unix(), "exp": at.Add(assertionLifetime).Unix(),
	})
	token.Header["x5t#S256"] = s.thumbprint
	signed, err := token.SignedString(s.key)
	if err != nil {
		return "", fmt.Errorf("sign the client assertion: %w", err)
	}
	return signed, nil
}
