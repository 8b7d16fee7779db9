-- | Written for this project: the forms of a Haskell definition that the other fixtures lack.
module Data.Forms (foo, Bar(..)) where

import qualified Data.Map as M
import Data.List (sort, nub)

-- | Doc of foo.
foo, bar :: Int -> Int
{-# INLINE foo #-}
foo 0 = 1
-- the general case
foo n | n > 1 = n * go n
      | otherwise = 2
  where go x = x

infixr 5 +++
(+++) :: [a] -> [a] -> [a]
xs +++ ys = xs ++ ys

a `op` b = a

limit = 5

(p, q) = (1, 2)

data Rec a
  -- | The record.
  = Rec { name :: String, age, size :: !Int }
  | Other Int
  | Int :*: Int
  deriving (Show, Eq)

data Single = Single { only :: Int }

data G a where
  GInt :: Int -> G Int
  GBool :: { flag :: Bool } -> G Bool

newtype Parser a = Parser { runParser :: String -> a } deriving newtype (Functor)

type Name = String

type family F a where
  F Int = Bool

data family DF a

class (Eq a) => Shape a where
  type Elem a
  -- | The area.
  area :: a -> Double
  area _ = 0
  {-# MINIMAL area #-}

instance Shape (Rec a) where
  area (Rec n _ _) = 1
  area _ = 2

instance Shape BL.ByteString where
  area = const 3

instance Shape [a] where
  area = sum . map fromIntegral

instance MonadState s (StateT s m) where
  get = StateT return

deriving instance Show (G a)

pattern P x = Just x

foreign import ccall "sin" c_sin :: Double -> Double

main :: IO ()
main = do
  print (foo 3)
  x <- sort $ nub y
  M.lookup 1 x
  return $ Parser run

spec = describe "foo" $ do
  it "is one at zero" $ do
    foo 0 `shouldBe` 1
